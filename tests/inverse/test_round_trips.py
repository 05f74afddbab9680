"""Every case of ``cases.sql`` on real servers: derive, apply with what is kept, undo, and compare schema and rows."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.inverse.playing import derive_on, round_trip, start
from tests.sampling import NIGHTLY, SEED, falls_to
from tests.servers import Database

DYNAMIC = (
    "CREATE FUNCTION shop.c() RETURNS void LANGUAGE plpgsql AS"
    " $$ BEGIN EXECUTE 'DELETE FROM ' || to_regclass('x'); END $$;\n"
    "SELECT shop.c()"
)

HERE = Path(__file__).parent
SCHEMA = (HERE / "schema.sql").read_text("utf-8")


def cases_of(file: str) -> dict[str, str]:
    """The cases of a file by name."""
    parts = re.split(r"^-- case: (.*)\n", (HERE / file).read_text("utf-8"), flags=re.MULTILINE)[1:]
    return dict(zip(parts[::2], parts[1::2], strict=True))


CASES = cases_of("cases.sql")
MAJORS = [15, 16, 17, 18] if NIGHTLY else [15, 18]


@pytest.mark.parametrize("pg", MAJORS, indirect=True)
def test_every_case_is_undone_exactly(pg: Database) -> None:
    failures = {}
    with pg.connect() as connection:
        connection.execute(SCHEMA)  # type: ignore[call-overload]
        begin = start(connection)
        for name, sql in CASES.items():
            if not falls_to(name, str(pg.major), list(map(str, MAJORS))):
                continue
            result = round_trip(connection, sql, begin)
            if not result.exact:
                failures[name] = (result.inverse.reason, result.schema, result.lost, result.error)
    assert failures == {}, f"LOCKGATE_SAMPLE_SEED={SEED}"


def test_every_case_of_hosted_projects_is_undone_exactly(supabase_db: Database) -> None:
    """As the role that migrations run as, which owns neither the users nor the storage."""
    failures = {}
    with supabase_db.connect() as connection:
        connection.execute((HERE / "supabase_schema.sql").read_text("utf-8"))  # type: ignore[call-overload]
        begin = start(connection)
        for name, sql in cases_of("supabase_cases.sql").items():
            result = round_trip(connection, sql, begin)
            if not result.exact:
                failures[name] = (result.inverse.reason, result.schema, result.lost, result.error)
    assert failures == {}


def test_rows_are_really_lost_without_what_was_kept(pg: Database) -> None:
    """The comparison of rows is worth something: without the side tables it sees the loss."""
    with pg.connect() as connection:
        connection.execute(SCHEMA)  # type: ignore[call-overload]
        before = connection.execute("SELECT count(name) FROM shop.customers").fetchone()
        with connection.transaction(force_rollback=True):
            connection.execute("ALTER TABLE shop.customers DROP COLUMN name")
            connection.execute("ALTER TABLE shop.customers ADD COLUMN name varchar(40)")
            after = connection.execute("SELECT count(name) FROM shop.customers").fetchone()
    assert before == (8,)
    assert after == (0,)


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("ALTER ROLE postgres PASSWORD 'x'", "password"),
        ("ALTER SYSTEM SET work_mem = '8MB'", "whole server"),
        ("CREATE DATABASE other", "database"),
        (DYNAMIC, "at run time"),
    ],
)  # fmt: skip
def test_what_has_no_inverse_says_why(pg: Database, sql: str, words: str) -> None:
    with pg.connect() as connection:
        connection.execute(SCHEMA)  # type: ignore[call-overload]
        statements = sql if "shop.c" not in sql else sql.replace("'x'", "'shop.heap'")
        if "SYSTEM" in sql or "DATABASE" in sql or "ROLE" in sql:
            from lockgate.catalog import read
            from lockgate.inverse import Setting, derive
            from lockgate.sql.parse import parse

            snapshot = read(connection)
            found = [derive(parse(sql).statements, snapshot, snapshot, Setting("20250101000000"))]
        else:
            found = derive_on(connection, statements)
    reasons = [one.reason for one in found if not one.possible]
    assert len(reasons) == 1
    assert words in (reasons[0] or "")
