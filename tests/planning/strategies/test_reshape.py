"""Columns that are split, merged, put into documents and moved to another table, with both applications writing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from tests.planning.strategies.points import App, Case, Walk, rotating
from tests.projects import sandbox
from tests.servers import Database

PEOPLE = "CREATE TABLE public.people (id bigint PRIMARY KEY, {column}, note text NOT NULL DEFAULT '');\n"


def app(columns: str, given: str, read: str, copy: str = "") -> App:
    """An application that keeps a value in some columns of public.people."""
    sets = ", ".join(
        f"{name} = {value}" for name, value in zip(columns.split(", "), given.split("; "), strict=True)
    )
    return App(
        f"INSERT INTO public.people (id, {columns}) VALUES (%(id)s, {given.replace('; ', ', ')})",
        f"UPDATE public.people SET {sets} WHERE id = %(id)s",
        f"SELECT id::text, {read} FROM public.people",
        copy=copy,
    )


SPLITTING = """split people."Full Name" into first_name text, "last" varchar(40)
  using split_part("Full Name", ' ', 1), nullif(substr("Full Name", strpos("Full Name" || ' ', ' ') + 1), '')
  back nullif(concat_ws(' ', first_name, "last"), '')"""

SPLIT = Case(
    schema=PEOPLE.format(column='"Full Name" text')
    + 'GRANT SELECT ("Full Name"), UPDATE ("Full Name") ON public.people TO pg_monitor;\n',
    change=(SPLITTING,),
    old=app('"Full Name"', "%(value)s", '"Full Name"', 'COPY public.people (id, "Full Name") FROM STDIN'),
    new=app(
        'first_name, "last"',
        "split_part(%(value)s, ' ', 1); nullif(substr(%(value)s, strpos(%(value)s || ' ', ' ') + 1), '')",
        "nullif(concat_ws(' ', first_name, \"last\"), '')",
    ),
    new_from=2,
    old_until=3,
    parts=4,
    values=("Ada Lovelace", "Cher", None, "Anna Maria Ünï"),
    after=("SELECT has_column_privilege('pg_monitor', 'public.people', 'first_name', 'UPDATE')",),
)

DOCUMENT = Case(
    schema=PEOPLE.format(column="age integer, born date NOT NULL DEFAULT '2000-01-01'"),
    change=("merge people.(age, born) into facts jsonb",),
    old=app("age", "%(value)s::int", "age::text"),
    new=app(
        "facts",
        "jsonb_build_object('age', %(value)s::int, 'born', '2000-01-01', 'more', true)",
        "facts ->> 'age'",
    ),
    new_from=2,
    old_until=3,
    parts=4,
    after=("SELECT bool_and(facts ? 'born') FROM public.people",),
)

UNDOCUMENT = Case(
    schema=PEOPLE.format(column="facts jsonb"),
    change=("split people.facts into age integer, born date",),
    old=app("facts", "jsonb_build_object('age', %(value)s::int, 'rest', 1)", "facts ->> 'age'"),
    new=app("age, born", "%(value)s::int; '2001-01-01'", "age::text"),
    new_from=2,
    old_until=3,
    parts=4,
)

MOVE = Case(
    schema="CREATE TABLE public.users (id bigint PRIMARY KEY, bio text, note text);\n"
    "CREATE TABLE public.profiles (id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,"
    " user_id bigint NOT NULL UNIQUE REFERENCES public.users DEFERRABLE INITIALLY DEFERRED);\n"
    "GRANT INSERT, UPDATE, SELECT ON public.users TO pg_monitor;\n",
    change=("move users.bio to profiles.about on profiles.user_id = users.id",),
    old=App(
        "WITH p AS (INSERT INTO public.profiles (user_id) VALUES (%(id)s))"
        " INSERT INTO public.users (id, bio) VALUES (%(id)s, %(value)s)",
        "UPDATE public.users SET bio = %(value)s WHERE id = %(id)s",
        "SELECT id::text, bio FROM public.users",
    ),
    new=App(
        "WITH u AS (INSERT INTO public.users (id) VALUES (%(id)s))"
        " INSERT INTO public.profiles (user_id, about) VALUES (%(id)s, %(value)s)",
        "UPDATE public.profiles SET about = %(value)s WHERE user_id = %(id)s",
        "SELECT user_id::text, about FROM public.profiles",
    ),
    new_from=2,
    old_until=3,
    parts=4,
)

CASES = {"split": SPLIT, "document": DOCUMENT, "undocument": UNDOCUMENT, "move": MOVE}


@rotating(CASES)
def test_both_applications_work_at_every_point(tmp_path: Path, pg: Database, name: str) -> None:
    Walk.begin(tmp_path, pg, CASES[name]).run()


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("split people.nothing into a, b using x, y back z", "no column nothing"),
        ("split people.note into a text, b text", "How is a text, b text computed"),
        ("split people.note into id text, b text using note, note back id", "has a column id already"),
        ("merge people.(note, age) into c text using note back c", "1 expressions, where 2 are needed"),
        ("split nowhere.note into a, b using note, note back a", "nowhere is no table"),
        (
            "move people.age to lists.age on lists.person = people.id",
            "person is not a unique key of public.lists",
        ),
        ("move people.age to lists.age on lists.person > 3", "does not join"),
    ],
)
def test_words_that_do_not_fit_are_a_mistake_of_the_user(tmp_path: Path, words: str, reason: str) -> None:
    place = sandbox(tmp_path, "postgresql://nobody@127.0.0.1:1/nothing")
    schema = (
        PEOPLE.format(column="age integer")
        + "CREATE TABLE public.lists (person bigint, id bigint PRIMARY KEY);"
    )
    place.write("20250101090000", "create_schema", schema, "SELECT 1;")
    result = place.lockgate("plan", words)
    assert result.exit_code == 2
    assert reason in " ".join(result.output.split())
    assert "Traceback" not in result.output


def test_a_role_that_may_write_one_table_reaches_the_other(tmp_path: Path, pg: Database) -> None:
    walk = Walk.begin(tmp_path, pg, replace(MOVE, parts=4))
    walk.plan()
    walk.forth(1)
    with pg.connect() as connection:
        connection.execute("SET ROLE pg_monitor")
        connection.execute("UPDATE public.users SET bio = 'theirs' WHERE id = 1")
        connection.execute("RESET ROLE")
        assert connection.execute("SELECT about FROM public.profiles WHERE user_id = 1").fetchone() == (
            "theirs",
        )
