"""Columns: each change is taken through its phases on real servers, with both applications writing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from tests.planning.strategies.points import App, Case, Walk, rotating
from tests.servers import Database

from lockgate.analysis.options import Options
from lockgate.analysis.source import Source
from lockgate.planning.propose import Setting, propose


def app(column: str, cast: str = "") -> App:
    """An application that keeps a value in a column of public.people."""
    return App(
        f"INSERT INTO public.people (id, {column}) VALUES (%(id)s, %(value)s{cast})",
        f"UPDATE public.people SET {column} = %(value)s{cast} WHERE id = %(id)s",
        f"SELECT id::text, {column}::text FROM public.people",
        copy=f"COPY public.people (id, {column}) FROM STDIN",
    )


def filled(column: str) -> App:
    """An application that takes the value of missing ones for none."""
    plain = app(column)
    return replace(plain, read=f"SELECT id::text, nullif({column}, 'none') FROM public.people")


def always_filled(column: str) -> App:
    """An application that says none itself."""
    plain, given = filled(column), "coalesce(%(value)s, 'none')"
    insert, update = (sql.replace("%(value)s", given) for sql in (plain.insert, plain.update))
    return replace(plain, insert=insert, update=update, copy="")


PEOPLE = "CREATE TABLE public.people (id bigint PRIMARY KEY, {column}, note text NOT NULL DEFAULT '');\n"

RENAME = Case(
    schema=PEOPLE.format(column="first_name text DEFAULT 'nobody'")
    + "CREATE INDEX people_first_name_idx ON public.people (first_name);\n"
    "GRANT SELECT (first_name), UPDATE (first_name) ON public.people TO pg_monitor;\n",
    change=("rename people.first_name to given_name",),
    old=app("first_name"),
    new=app("given_name"),
    new_from=3,
    old_until=4,
    parts=4,
    after=("SELECT has_column_privilege('pg_monitor', 'public.people', 'given_name', 'UPDATE')",),
)

RENAME_REQUIRED = Case(
    schema="CREATE DOMAIN public.name AS varchar(40) CHECK (VALUE <> '');\n"
    'CREATE TABLE public.people (id bigint PRIMARY KEY, "first Name" public.name NOT NULL, long int GENERATED ALWAYS AS'
    ' (length("first Name")) STORED) PARTITION BY HASH (id);\n'
    "CREATE TABLE public.people_0 PARTITION OF public.people FOR VALUES WITH (MODULUS 2, REMAINDER 0);\n"
    "CREATE TABLE public.people_1 PARTITION OF public.people FOR VALUES WITH (MODULUS 2, REMAINDER 1);\n"
    'CREATE INDEX people_name ON public.people ("first Name", id);\n',
    change=('ALTER TABLE people RENAME COLUMN "first Name" TO "select"',),
    old=app('"first Name"'),
    new=app('"select"'),
    new_from=3,
    old_until=4,
    parts=4,
    values=("a", "b", "Ünï c"),
    direct='ALTER TABLE people RENAME COLUMN "first Name" TO "select"',
)

CHANGE_TYPE = Case(
    options=("--to", "target"),
    schema=PEOPLE.format(column="age text DEFAULT '7'")
    + "CREATE INDEX people_age ON public.people (age DESC, id) WHERE age IS NOT NULL;\n"
    "GRANT SELECT (age) ON public.people TO PUBLIC;\n",
    change=("ALTER TABLE people ALTER COLUMN age TYPE integer USING nullif(age, 'age')::integer",),
    old=app("age"),
    new=app("age", "::int"),
    new_from=4,
    old_until=4,
    parts=5,
    after=("SELECT pg_typeof(age) = 'integer'::regtype FROM public.people WHERE id = 1",),
)

CHANGE_TYPE_REQUIRED = Case(
    options=("--to", "target"),
    schema=PEOPLE.format(column="age integer NOT NULL DEFAULT 7"),
    change=("change people.age to bigint",),
    old=app("age", "::int"),
    new=app("age", "::bigint"),
    new_from=5,
    old_until=6,
    parts=6,
    values=("1", "22", "333"),
)


REQUIRE = Case(
    schema=PEOPLE.format(column="email text"),
    change=("require people.email", "--fill", "'none'"),
    old=replace(filled("email"), also=("INSERT INTO public.people (id) VALUES (990001)",)),
    new=always_filled("email"),
    new_from=1,
    old_until=0,
    parts=0,
    after=(
        "SELECT attnotnull FROM pg_attribute WHERE attrelid = 'public.people'::regclass AND attname = 'email'",
        "SELECT count(*) = 0 FROM pg_proc WHERE proname LIKE 'zz_lockgate%'",
    ),
)

DROP = Case(
    schema=PEOPLE.format(column="age text, nick text NOT NULL"),
    change=("drop people.nick", "--fill", "''"),
    old=App(
        "INSERT INTO public.people (id, age, nick) VALUES (%(id)s, %(value)s, 'n')",
        "UPDATE public.people SET age = %(value)s, nick = 'm' WHERE id = %(id)s",
        "SELECT id::text, age FROM public.people WHERE nick IS DISTINCT FROM 'x'",
    ),
    new=app("age"),
    new_from=1,
    old_until=2,
    parts=3,
)

CASES = {
    "rename": RENAME,
    "rename-required": RENAME_REQUIRED,
    "change-type": CHANGE_TYPE,
    "change-type-required": CHANGE_TYPE_REQUIRED,
    "require": REQUIRE,
    "drop": DROP,
}


@rotating(CASES)
def test_both_applications_work_at_every_point(tmp_path: Path, pg: Database, name: str) -> None:
    Walk.begin(tmp_path, pg, CASES[name]).run()


def test_a_generated_column_has_its_value_under_both_names(pg: Database) -> None:
    schema = PEOPLE.format(column="twice bigint GENERATED ALWAYS AS (id * 2) STORED")
    change = propose(
        "ALTER TABLE people RENAME twice TO double", Setting(Options(pg.major), (Source.from_text(schema),))
    )
    with pg.connect() as connection:
        connection.execute(f"{schema} INSERT INTO people (id) VALUES (1)")
        for part in change.parts[:2]:
            connection.execute(";".join(part.sql))
        connection.execute("INSERT INTO people (id) VALUES (2); UPDATE people SET id = 7 WHERE id = 1")
        rows = connection.execute("SELECT twice, double FROM people ORDER BY id").fetchall()
        assert rows == [(4, 4), (14, 14)]
