"""The forms of statements that real projects' migrations use, on the majors that hosted projects run."""

from __future__ import annotations

import re
from pathlib import Path

import psycopg
import pytest
from tests.servers import Database

pytestmark = pytest.mark.server

CASES = re.findall(
    r"^-- expect (\w+)\n(.+?)(?=^-- expect |\Z)",
    "".join(
        (Path(__file__).parent / "cases" / name).read_text("utf-8")
        for name in ("patterns.sql", "spatial.sql")
    ),
    re.MULTILINE | re.DOTALL,
)


@pytest.mark.parametrize("supabase_db", [15, 17], indirect=True)
def test_hosted_and_local_agree(supabase_db: Database) -> None:
    wrong = []
    with supabase_db.connect() as connection:
        for expected, script in CASES:
            found = _attempt(connection, script)
            if found != expected:
                wrong.append(f"{expected}, not {found}: {script.strip()[:200]}")
    assert len(CASES) > 100
    assert wrong == []


def _attempt(connection: psycopg.Connection[object], script: str) -> str:
    """What the server says to a script that is rolled back in any case."""
    try:
        with connection.transaction(force_rollback=True):
            connection.execute(script.encode())
            connection.execute("SET CONSTRAINTS ALL IMMEDIATE")
    except psycopg.Error as error:
        return error.sqlstate or "?"
    finally:
        connection.execute("RESET ALL")
    return "ok"
