"""The seeded hazards: each file is what it says, runs (or fails) as it says, and its rollback is exact."""

from __future__ import annotations

import json
from pathlib import Path

import psycopg
import pytest
from tests.examples import valuecanvas
from tests.servers import Database

from lockgate.migration.files import Migration, Project, SqlFile, discover
from lockgate.migration.header import check_header

FOLDER = Path(__file__).parents[2] / "examples" / "hazards"
EXPECTED: dict[str, list[str]] = json.loads((FOLDER / "expected.json").read_text("utf-8"))
FAILS = {
    "index_user_locales": "25001",  # CREATE INDEX CONCURRENTLY in a transaction
    "add_canvas_colour": "23502",  # the rows that exist have no colour
    "add_guest_role": "55P04",  # a new enum value in the transaction that made it
}
LEAVES_NOTHING = {"add_user_birthday"}  # BEGIN without COMMIT


def hazards() -> Project:
    """The files of the folder."""
    return discover(valuecanvas.load(FOLDER))


def test_every_file_is_expected_and_sound() -> None:
    project = hazards()
    assert {migration.path.name for migration in project.migrations} == set(EXPECTED)
    assert project.all_problems() == ()
    assert len(EXPECTED) >= 30
    assert all(rules for rules in EXPECTED.values())
    newest = valuecanvas.project().newest
    assert newest
    for migration in project.migrations:
        assert migration.version > newest.version
        valuecanvas.reversible(migration)
        rollback = migration.rollback.path.name if migration.rollback else None
        assert check_header(migration.header, migration.version, rollback) == ()


@pytest.mark.server
@pytest.mark.slow
def test_each_runs_as_it_says_and_its_rollback_is_exact(canvas_db: Database) -> None:
    """In order, on top of the clean history and some rows."""
    canvas_db.execute((valuecanvas.FOLDER / "supabase" / "seed.sql").read_text("utf-8"))
    failed: dict[str, str | None] = {}
    before = valuecanvas.schema(canvas_db)
    for migration in hazards().migrations:
        failed |= _try(canvas_db, migration)
        after = valuecanvas.schema(canvas_db)
        if migration.name in failed or migration.name in LEAVES_NOTHING:
            assert valuecanvas.differences(before, after) == []
        elif migration.rollback:
            _run(canvas_db, migration.rollback)
            restored = valuecanvas.differences(before, valuecanvas.schema(canvas_db))
            assert (migration.name, restored) == (migration.name, [])
            _run(canvas_db, migration.forth)
        before = after
    assert failed == FAILS


def _try(database: Database, migration: Migration) -> dict[str, str | None]:
    try:
        _run(database, migration.forth)
    except psycopg.Error as error:
        return {migration.name: error.sqlstate}
    return {}


def _run(database: Database, file: SqlFile) -> None:
    """As a runner that leaves transactions to the file: one query, or one for each statement."""
    with psycopg.connect(database.url, autocommit=True) as connection:
        if file.no_transaction:
            for statement in file.script.statements:
                connection.execute(statement.sql.encode())
        else:
            connection.execute(file.text.encode())
        # What the file has left open is lost when its runner goes.
        connection.rollback()
