"""What comes new: columns, constraints and indexes, from the safe form that the rules know."""

from __future__ import annotations

from pathlib import Path

from tests.planning.strategies.points import App, Case, Walk, rotating
from tests.servers import Database

one_of_them = rotating(["required"])

SCHEMA = """\
CREATE TABLE public.teams (id bigint PRIMARY KEY);
CREATE TABLE public.users (id bigint PRIMARY KEY, value text, team bigint, CHECK (id <> 0));
CREATE INDEX users_value_idx ON public.users (value);
"""

APP = App(
    "INSERT INTO public.users (id, value) VALUES (%(id)s, %(value)s)",
    "UPDATE public.users SET value = %(value)s WHERE id = %(id)s",
    "SELECT id::text, value FROM public.users",
    copy="COPY public.users (id, value) FROM STDIN",
)

NOT_NULL = "SELECT attnotnull FROM pg_attribute WHERE attrelid = 'public.users'::regclass AND attname = '{}'"
DISTINCT = "SELECT count(DISTINCT {0}) = count(*) FROM public.users"
VALID = "SELECT bool_and(convalidated) FROM pg_constraint WHERE conrelid = 'public.users'::regclass"
INDEXED = (
    "SELECT bool_and(indisvalid) AND count(*) = {} FROM pg_index WHERE indrelid = 'public.users'::regclass"
)

CHANGES = {
    "volatile default": (
        "ALTER TABLE users ADD COLUMN token uuid NOT NULL DEFAULT gen_random_uuid()",
        (NOT_NULL.format("token"), DISTINCT.format("token")),
    ),
    "serial": ("ALTER TABLE users ADD COLUMN n serial", (NOT_NULL.format("n"), DISTINCT.format("n"))),
    "constant default": (
        "ALTER TABLE users ADD COLUMN kind text NOT NULL DEFAULT 'plain'",
        (NOT_NULL.format("kind"), "SELECT bool_and(kind = 'plain') FROM public.users"),
    ),
    "inline constraints": (
        "ALTER TABLE users ADD COLUMN t bigint REFERENCES teams (id) CHECK (t > 0) UNIQUE",
        (
            VALID,
            INDEXED.format(3),
            "SELECT count(*) = 5 FROM pg_constraint WHERE conrelid = 'public.users'::regclass AND contype <> 'n'",
        ),
    ),
    "check": ("ALTER TABLE users ADD CONSTRAINT users_team CHECK (team > 0)", (VALID,)),
    "foreign key": ("ALTER TABLE users ADD FOREIGN KEY (team) REFERENCES teams (id)", (VALID,)),
    "unique": ("unique users (team, id)", (VALID, INDEXED.format(3))),
    "index": ("index users (team)", (INDEXED.format(3),)),
    "drop index": ("DROP INDEX users_value_idx", (INDEXED.format(1),)),
    "new table and index": (
        "CREATE TABLE public.notes (id bigint PRIMARY KEY, a int); CREATE INDEX notes_a ON public.notes (a)",
        ("SELECT to_regclass('public.notes_a') IS NOT NULL",),
    ),
}


@rotating(CHANGES)
def test_an_addition_disturbs_nobody_and_goes_away_again(tmp_path: Path, pg: Database, name: str) -> None:
    sql, after = CHANGES[name]
    case = Case(SCHEMA, (sql,), APP, APP, new_from=1, old_until=99, parts=0, after=after)
    Walk.begin(tmp_path, pg, case).run()


@one_of_them
def test_a_required_column_without_a_default_gets_the_given_value(
    tmp_path: Path, pg: Database, name: str
) -> None:
    change = ("ALTER TABLE users ADD COLUMN kind text NOT NULL", "--fill", "'plain'")
    new = App(
        "INSERT INTO public.users (id, value, kind) VALUES (%(id)s, %(value)s, 'other')",
        APP.update,
        APP.read,
    )
    case = Case(SCHEMA, change, APP, new, new_from=1, old_until=0, parts=0, after=(NOT_NULL.format("kind"),))
    Walk.begin(tmp_path, pg, case).run()
