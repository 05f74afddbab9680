"""Views and functions that change while both applications use them, with all that depends on them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from tests.planning.strategies.points import App, Case, Walk, rotating
from tests.projects import sandbox
from tests.servers import Database

SCHEMA = """\
CREATE TABLE public.users (id bigint PRIMARY KEY, value text);
CREATE VIEW public.names WITH (security_barrier = true) AS SELECT id, value, upper(value) AS loud FROM public.users;
CREATE VIEW public.short AS SELECT id, left(value, 2) AS value FROM public.names;
COMMENT ON VIEW public.names IS 'all of them';
GRANT SELECT ON public.names TO pg_monitor;
GRANT SELECT (id) ON public.short TO pg_monitor;
CREATE FUNCTION public.say(what text) RETURNS text LANGUAGE sql STABLE AS 'SELECT what';
COMMENT ON FUNCTION public.say(text) IS 'says it';
REVOKE EXECUTE ON FUNCTION public.say(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION public.say(text) TO pg_monitor WITH GRANT OPTION;
CREATE FUNCTION public.fixed(what text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT what';
CREATE INDEX users_fixed ON public.users (public.fixed(value));
"""


def reading(query: str) -> App:
    """An application that writes the table and reads it in some way."""
    return App(
        "INSERT INTO public.users (id, value) VALUES (%(id)s, %(value)s)",
        "UPDATE public.users SET value = %(value)s WHERE id = %(id)s",
        query,
    )


VIEW = reading("SELECT id::text, value FROM public.names")
LOUD = reading("SELECT id::text, CASE WHEN loud IS NOT NULL THEN value END FROM public.names")
SAY = reading("SELECT id::text, public.say(value) FROM public.users")
ONE_MORE = (
    "CREATE FUNCTION public.say(what text, tone text DEFAULT '') RETURNS text"
    " LANGUAGE sql STABLE AS 'SELECT what || tone'"
)
CASES = {
    "view-order": Case(
        schema=SCHEMA,
        change=("CREATE OR REPLACE VIEW public.names AS SELECT value, id FROM public.users",),
        old=LOUD,
        new=VIEW,
        new_from=0,
        old_until=1,
        parts=1,
        direct="DROP VIEW public.names CASCADE;"
        "CREATE VIEW public.names WITH (security_barrier = true) AS SELECT value, id FROM public.users;"
        "CREATE VIEW public.short AS SELECT id, left(value, 2) AS value FROM public.names;"
        "COMMENT ON VIEW public.names IS 'all of them';"
        "GRANT SELECT ON public.names TO pg_monitor; GRANT SELECT (id) ON public.short TO pg_monitor;",
    ),
    "function-name": Case(
        schema=SCHEMA,
        change=("ALTER FUNCTION say(text) RENAME TO tell",),
        old=SAY,
        new=reading("SELECT id::text, public.tell(value) FROM public.users"),
        new_from=1,
        old_until=2,
        parts=2,
        direct="ALTER FUNCTION say(text) RENAME TO tell",
    ),
    "function-argument": Case(
        schema=SCHEMA,
        change=(ONE_MORE,),
        old=SAY,
        new=reading("SELECT id::text, public.say(value, tone => '') FROM public.users"),
        new_from=1,
        old_until=9,
        parts=1,
        after=("SELECT has_function_privilege('pg_monitor', 'public.say(text, text)', 'EXECUTE')",),
    ),
    "function-beside": Case(
        schema=SCHEMA,
        change=(
            "CREATE FUNCTION public.say(what text, tone text) RETURNS text LANGUAGE sql AS 'SELECT what || tone'",
        ),
        old=SAY,
        new=reading("SELECT id::text, public.say(value, '') FROM public.users"),
        new_from=1,
        old_until=2,
        parts=2,
    ),
}


@rotating(CASES)
def test_both_applications_work_at_every_point(tmp_path: Path, name: str, pg: Database) -> None:
    Walk.begin(tmp_path, pg, CASES[name]).run()


@pytest.mark.parametrize(
    ("change", "gate", "note"),
    [
        ("DROP VIEW short", "nothing needs the view public.short", ""),
        ("DROP FUNCTION say(text)", "nothing needs the function public.say(text)", ""),
        (
            "CREATE OR REPLACE VIEW public.names AS SELECT id, loud FROM (SELECT 1 AS id, 'x' AS loud) x",
            "value",
            "short",
        ),
        (
            "CREATE OR REPLACE FUNCTION public.fixed(what text) RETURNS text LANGUAGE sql STABLE AS 'SELECT what'",
            "",
            "index public.users_fixed",
        ),
    ],
)
def test_a_gate_stands_before_what_goes_and_what_depends_on_it_is_named(
    tmp_path: Path, change: str, gate: str, note: str
) -> None:
    place = sandbox(tmp_path, "postgresql://nobody@127.0.0.1:1/nothing")
    place.write("20250101090000", "create_schema", SCHEMA, "SELECT 1;")
    output = place.lockgate("plan", change).output
    assert (gate in output.partition("contract")[0]) if gate else " gate " not in output
    assert note in output.partition("note ")[2]


HEARD = """\
CREATE FUNCTION public.hear() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
CREATE TRIGGER hear BEFORE INSERT ON public.users FOR EACH ROW EXECUTE FUNCTION public.hear();
ALTER TABLE public.users DISABLE TRIGGER hear;
"""


@pytest.mark.parametrize(
    "change",
    [
        "DROP TRIGGER hear ON users; CREATE TRIGGER hear BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION hear()",
        "DROP VIEW short; CREATE VIEW short AS SELECT id, value FROM names",
        "DROP FUNCTION say(text); CREATE FUNCTION say(what text, tone int) RETURNS int LANGUAGE sql AS 'SELECT tone'",
    ],
)
def test_what_is_dropped_and_made_again_is_replaced_in_one_transaction(
    tmp_path: Path, pg: Database, change: str
) -> None:
    walk = Walk.begin(
        tmp_path, pg, replace(CASES["view-order"], schema=SCHEMA + HEARD, change=(change,), old=SAY)
    )
    before = walk.snapshot()
    walk.plan()
    assert len(walk.versions) == 1
    assert not walk.gated
    walk.forth(1)
    with pg.connect() as connection:
        rights = (
            "SELECT has_column_privilege('pg_monitor', 'short', 'id', 'SELECT'), tgenabled FROM pg_trigger"
        )
        assert connection.execute(f"{rights} WHERE tgname = 'hear'").fetchall() == [(True, "D")]  # type: ignore[call-overload]
    walk.ok("rollback", "to", "20250101090000")
    assert walk.snapshot().fingerprint() == before.fingerprint()
    walk.measure()


def test_an_enum_value_gets_another_name_step_by_step(tmp_path: Path, pg: Database) -> None:
    schema = (
        "CREATE TYPE public.mood AS ENUM ('sad', 'ok');\n"
        "CREATE TABLE public.users (id bigint PRIMARY KEY, value text, feeling public.mood DEFAULT 'sad');\n"
    )
    change = "ALTER TYPE mood RENAME VALUE 'sad' TO 'blue'"
    walk = Walk.begin(tmp_path, pg, replace(CASES["view-order"], schema=schema, change=(change,), old=SAY))
    walk.plan()
    counts = "SELECT count(*) FILTER (WHERE feeling = 'sad') > 0, count(*) FILTER (WHERE feeling = 'blue') FROM users"
    walk.forth(1)
    with pg.connect() as connection:
        assert connection.execute(counts).fetchone() == (True, 0)
        connection.execute("INSERT INTO users (id, feeling) VALUES (-1, 'blue'), (-2, 'sad')")
        for number in range(2, len(walk.versions) + 1):
            walk.forth(number)
        assert connection.execute(counts).fetchone() == (False, 302)
        row = connection.execute("INSERT INTO users (id) VALUES (-3) RETURNING feeling").fetchone()
        assert row == ("blue",)
    assert walk.versions[1] in walk.gated


def test_what_else_is_dropped_comes_back_as_it_was(tmp_path: Path) -> None:
    place = sandbox(tmp_path, "postgresql://nobody@127.0.0.1:1/nothing")
    schema = (
        SCHEMA
        + "CREATE MATERIALIZED VIEW public.counts AS SELECT value, count(*) AS n FROM public.users GROUP BY 1;\n"
        "CREATE UNIQUE INDEX counts_value ON public.counts (value);\n"
        "GRANT SELECT ON public.counts TO pg_monitor;\n"
        "CREATE TYPE public.mood AS ENUM ('sad', 'happy');\nCOMMENT ON TYPE public.mood IS 'how it goes';\n"
        "CREATE TYPE public.home AS (street text, city text);\n"
        "CREATE DOMAIN public.positive AS integer CHECK (VALUE > 0);\nCREATE SEQUENCE public.tickets START 40;\n"
    )
    place.write("20250101090000", "create_schema", schema, "SELECT 1;")
    drops = "DROP MATERIALIZED VIEW counts; DROP TYPE mood; DROP TYPE home; DROP DOMAIN positive; DROP SEQUENCE tickets"
    written = place.lockgate("plan", drops, "--write")
    assert written.exit_code == 0, written.output
    assert place.lockgate("check").exit_code == 0
    files = sorted((place.folder / "migrations").glob("*.sql"))[1:]
    assert len(files) == 5
    assert all("-- lockgate: gate " in file.read_text() for file in files)
    proved = place.lockgate("test", *("".join(file.name.split("_")[:2]) for file in files))
    assert proved.exit_code == 0, proved.output
