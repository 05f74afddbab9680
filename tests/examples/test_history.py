"""The example's history: every file in order, every rollback an exact inverse, on every server version."""

from __future__ import annotations

import psycopg
import pytest
from tests.examples import valuecanvas
from tests.sampling import in_turn
from tests.servers import Database

from lockgate.migration.directives import Backfill, Change, Gate, NoTransaction
from lockgate.migration.files import SqlFile
from lockgate.migration.header import check_header
from lockgate.sql.parse import parse

VERSIONS = [migration.version for migration in valuecanvas.project().migrations]


def test_files_are_sound() -> None:
    project = valuecanvas.project()
    assert project.all_problems() == ()
    # The guide's spelling, with several files of one day, is just what the Supabase CLI cannot tell apart.
    assert all("names convert" in notice.message for notice in project.notices)
    assert 14 <= len(project.migrations) <= 16
    assert len({version[:8] for version in VERSIONS}) < len(VERSIONS), "no two migrations of one day"
    for migration in project.migrations:
        valuecanvas.reversible(migration)
        assert [statement.failure for statement in migration.script.statements if statement.failure] == []


@pytest.mark.parametrize("version", VERSIONS)
def test_headers_are_complete(version: str) -> None:
    migration = valuecanvas.project().find(version)
    rollback = migration.rollback.path.name if migration.rollback else None
    assert check_header(migration.header, version, rollback) == ()
    assert migration.header.author == "ValueCanvas team"


def test_history_shows_every_directive() -> None:
    migrations = valuecanvas.project().migrations
    for directive in (Backfill, Change, Gate, NoTransaction):
        assert any(migration.directives.of(directive) for migration in migrations), directive
    assert any(migration.irreversible for migration in migrations)
    changes = [change for migration in migrations for change in migration.directives.of(Change)]
    assert [change.number for change in changes] == list(range(1, changes[0].total + 1))
    assert changes[0].phase == "expand"
    assert changes[-1].phase == "contract"


@pytest.mark.server
@pytest.mark.slow
@pytest.mark.parametrize("supabase_db", in_turn([15, 16, 17, 18]), indirect=True)
def test_way_down_passes_the_same_levels(supabase_db: Database) -> None:
    """Roll everything back, newest first and with rows; what has no way back (a row of the platform's) stays."""
    migrations = valuecanvas.project().migrations
    dump, levels = valuecanvas.dump(supabase_db), []
    for migration in migrations:
        levels.append(valuecanvas.schema(supabase_db))
        valuecanvas.run(supabase_db, migration.forth)
    valuecanvas.SeedRows().add(supabase_db)
    for migration, level in reversed(list(zip(migrations, levels, strict=True))):
        if migration.rollback:
            valuecanvas.run(supabase_db, migration.rollback)
        found = valuecanvas.differences(level, valuecanvas.schema(supabase_db))
        assert (migration.name, found) == (migration.name, [])
    assert valuecanvas.dump(supabase_db) == dump


@pytest.mark.server
@pytest.mark.slow
def test_each_rollback_restores_schema_and_rows(supabase_db: Database) -> None:
    """Apply, roll back, apply again, with rows in every table that is there already."""
    seed = valuecanvas.SeedRows()
    before = valuecanvas.schema(supabase_db)
    for migration in valuecanvas.project().migrations:
        rows = valuecanvas.rows(supabase_db)
        valuecanvas.run(supabase_db, migration.forth)
        applied, applied_rows = valuecanvas.schema(supabase_db), valuecanvas.rows(supabase_db)
        if migration.rollback:
            valuecanvas.run(supabase_db, migration.rollback)
            restored = valuecanvas.differences(before, valuecanvas.schema(supabase_db))
            assert (migration.name, restored) == (migration.name, [])
            assert (migration.name, valuecanvas.rows(supabase_db)) == (migration.name, rows)
            valuecanvas.run(supabase_db, migration.forth)
            again = valuecanvas.differences(applied, valuecanvas.schema(supabase_db))
            assert (migration.name, again) == (migration.name, [])
            assert (migration.name, valuecanvas.rows(supabase_db)) == (migration.name, applied_rows)
        seed.add(supabase_db)
        before = applied
    assert seed.waiting == []


@pytest.mark.server
def test_verify_queries_are_true_and_can_be_false(supabase_db: Database) -> None:
    """Each file is true after its migration and at the end of the history, and not true before its migration."""
    migrations = valuecanvas.project().migrations
    seed = valuecanvas.SeedRows()
    assert sum(1 for migration in migrations if migration.verify) >= 6
    for migration in migrations:
        if migration.verify:
            assert not _all_true(supabase_db, migration.verify), migration
        valuecanvas.run(supabase_db, migration.forth)
        seed.add(supabase_db)
        if migration.verify:
            assert _all_true(supabase_db, migration.verify), migration
    for migration in migrations:
        assert migration.verify is None or _all_true(supabase_db, migration.verify), migration


def _all_true(database: Database, file: SqlFile) -> bool:
    statements = file.script.statements
    with database.connect() as connection:
        try:
            found = [connection.execute(statement.sql.encode()).fetchall() for statement in statements]
        except (
            psycopg.errors.UndefinedTable,
            psycopg.errors.UndefinedObject,
            psycopg.errors.InvalidSchemaName,
        ):
            return False
    return found == [[(True,)]] * len(statements)


@pytest.mark.server
@pytest.mark.parametrize(
    "name", ["require_email", "index_item_dates", "rename_canvas_title", "widen_comment_count"]
)
def test_unsafe_changes_run_where_nobody_watches(supabase_db: Database, name: str) -> None:
    """They are unsafe, not wrong: on a small database without phone sign-ups each of them simply works."""
    valuecanvas.migrate(supabase_db)
    text = (valuecanvas.FOLDER / "unsafe" / f"{name}.sql").read_text("utf-8")
    assert len(parse(text).statements) == 1
    supabase_db.execute(text)
