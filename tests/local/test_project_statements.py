"""A hosted project's dump, seed and migrations are taken as they are."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from lockgate.sql.parse import parse

pytestmark = pytest.mark.server

STATEMENTS = parse((Path(__file__).parent / "cases" / "project.sql").read_text("utf-8")).statements


@pytest.mark.parametrize("supabase_db", [15, 17, 18], indirect=True)
def test_every_statement_is_taken(supabase_db) -> None:
    refused = []
    with supabase_db.connect() as connection:
        for statement in STATEMENTS:
            try:
                connection.execute(statement.sql.encode())
            except psycopg.Error as error:
                refused.append((error.sqlstate, statement.sql[:80]))
        row = connection.execute("SELECT count(*), count(email) FROM public.profiles").fetchone()
    assert refused == []
    assert row == (1, 1)
    assert len(STATEMENTS) > 60
