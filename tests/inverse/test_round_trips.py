"""Every case of ``cases.sql`` on real servers: derive, apply with what is kept, undo, and compare schema and rows."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from tests.inverse.playing import derive_on, round_trip
from tests.servers import Database

DYNAMIC = (
    "CREATE FUNCTION shop.c() RETURNS void LANGUAGE plpgsql AS $$ BEGIN EXECUTE 'DELETE FROM ' || 'x'; END $$;\n"
    "SELECT shop.c()"
)

HERE = Path(__file__).parent
SCHEMA = (HERE / "schema.sql").read_text("utf-8")
_PARTS = re.split(r"^-- case: (.*)\n", (HERE / "cases.sql").read_text("utf-8"), flags=re.MULTILINE)[1:]
CASES = dict(zip(_PARTS[::2], _PARTS[1::2], strict=True))
MAJORS = [15, 16, 17, 18] if os.environ.get("LOCKGATE_NIGHTLY") else [15, 18]


@pytest.mark.parametrize("pg", MAJORS, indirect=True)
def test_every_case_is_undone_exactly(pg: Database) -> None:
    failures = {}
    with pg.connect() as connection:
        connection.execute(SCHEMA)  # type: ignore[call-overload]
        for name, sql in CASES.items():
            result = round_trip(connection, sql)
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
