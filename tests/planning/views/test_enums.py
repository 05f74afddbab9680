"""Enums: a value gets another name, one goes, and an enum becomes a table that others refer to."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from tests.planning.strategies.points import App, Case, Walk, rotating
from tests.servers import Database

SCHEMA = """\
CREATE TYPE public.mood AS ENUM ('sad', 'ok', 'happy');
CREATE TABLE public.users (id bigint PRIMARY KEY, value public.mood DEFAULT 'ok');
CREATE INDEX users_value ON public.users (value);
"""
APP = App(
    "INSERT INTO public.users (id, value) VALUES (%(id)s, %(value)s)",
    "UPDATE public.users SET value = %(value)s WHERE id = %(id)s",
    "SELECT id::text, value::text FROM public.users",
)
LESS = (
    "CREATE TYPE public.feeling AS ENUM ('ok', 'happy');"
    " ALTER TABLE public.users ALTER COLUMN value TYPE public.feeling USING value::text::public.feeling"
)
TABLE = (
    "CREATE TABLE public.moods (name text PRIMARY KEY); INSERT INTO public.moods VALUES ('ok'), ('happy');"
    " ALTER TABLE public.users ALTER COLUMN value TYPE text USING value::text;"
    " ALTER TABLE public.users ADD CONSTRAINT users_value_fkey FOREIGN KEY (value) REFERENCES public.moods (name)"
)
GONE = Case(
    schema=SCHEMA,
    change=(LESS,),
    old=APP,
    new=APP,
    # Statements that a client prepared before the exchange keep the old type of their parameter.
    new_from=4,
    old_until=4,
    parts=5,
    values=("ok", "happy", None),
)
CASES = {"value-gone": GONE}


@rotating(CASES)
def test_both_applications_work_at_every_point(tmp_path: Path, name: str, pg: Database) -> None:
    Walk.begin(tmp_path, pg, CASES[name]).run()


def test_an_enum_becomes_a_table(tmp_path: Path, pg: Database) -> None:
    walk = Walk.begin(tmp_path, pg, replace(GONE, change=(TABLE,)))
    walk.plan()
    for number in range(1, len(walk.versions) + 1):
        walk.forth(number)
        walk.look(number)
    with pg.connect() as connection:
        row = connection.execute(
            "SELECT convalidated, pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = 'users_value_fkey'"
        ).fetchone()
    assert row == (True, "FOREIGN KEY (value) REFERENCES moods(name)")
