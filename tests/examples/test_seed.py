"""The large data set in small: right counters and references, the same rows twice, the schema as it was."""

from __future__ import annotations

import pytest
from tests.examples import valuecanvas
from tests.servers import Database

seed = valuecanvas.module("seed")

COUNTERS = {
    "organisations": "SELECT count(*) FROM public.organisations o WHERE member_count <>"
    " (SELECT count(*) FROM public.memberships m WHERE m.organisation_id = o.id)",
    "canvases": "SELECT count(*) FROM public.canvases c WHERE item_count <>"
    " (SELECT count(*) FROM public.items i WHERE i.canvas_id = c.id)",
    "items": "SELECT count(*) FROM public.items i WHERE comment_count <>"
    " (SELECT count(*) FROM public.comments c WHERE c.item_id = i.id)",
}

FOREIGN_KEYS = """
    SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid)
    FROM pg_constraint
    WHERE contype = 'f' AND connamespace = 'public'::regnamespace
"""


def test_counters_and_references_are_right(canvas_db: Database) -> None:
    done = seed.seed(canvas_db.url, 500)
    with canvas_db.connect() as connection:
        counted = {
            table: connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in done.rows
        }
        assert counted == done.rows
        assert 9 * 500 < done.total < 12 * 500
        wrong = {name: connection.execute(query).fetchone()[0] for name, query in COUNTERS.items()}
        assert wrong == dict.fromkeys(COUNTERS, 0)
        _check_foreign_keys_again(connection)


def _check_foreign_keys_again(connection) -> None:
    """Triggers were off, so each key is dropped and made anew: that reads all rows."""
    keys = connection.execute(FOREIGN_KEYS).fetchall()
    assert len(keys) >= 14
    for table, name, definition in keys:
        connection.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}, ADD CONSTRAINT {name} {definition}")


def test_rows_are_realistic(canvas_db: Database) -> None:
    seed.seed(canvas_db.url, 500)
    with canvas_db.connect() as connection:
        one = connection.execute(
            """
            SELECT
              count(*) FILTER (WHERE email IS NULL) > 0,
              count(*) FILTER (WHERE first_name IS NULL) > 0,
              count(*) FILTER (WHERE last_name IS NULL) > 0,
              count(*) FILTER (WHERE full_name ~ '[^\\x01-\\x7f]') > 50,
              count(*) FILTER (WHERE full_name IS DISTINCT FROM private.display_name(first_name, last_name)) = 0
            FROM public.users
            """
        ).fetchone()
        assert one == (True, True, True, True, True)
        largest, median = connection.execute(
            "SELECT max(member_count), percentile_disc(0.5) WITHIN GROUP (ORDER BY member_count)"
            " FROM public.organisations"
        ).fetchone()
        assert largest > 3 * median
        assert connection.execute("SELECT max(length(body)) > 2000 FROM public.items").fetchone() == (True,)


def test_rows_are_the_same_twice(supabase_db: Database, canvas_db: Database) -> None:
    seed.seed(canvas_db.url, 200, number=7)
    first = valuecanvas.rows(canvas_db)
    with canvas_db.connect() as connection:
        connection.execute("SET session_replication_role = replica")
        for table in first:
            if table.startswith("public.") or table == "auth.users":
                connection.execute(f"DELETE FROM {table}")
    seed.seed(canvas_db.url, 200, number=7)
    assert valuecanvas.rows(canvas_db) == first
    seed.seed(canvas_db.url, 200, number=8)
    assert valuecanvas.rows(canvas_db) != first


def test_schema_stays_and_a_second_run_is_refused(canvas_db: Database) -> None:
    before = valuecanvas.schema(canvas_db)
    seed.seed(canvas_db.url, 100)
    assert valuecanvas.differences(before, valuecanvas.schema(canvas_db)) == []
    with pytest.raises(seed.SeedError, match="there already"):
        seed.seed(canvas_db.url, 100)


def test_nothing_is_written_when_something_is_refused(canvas_db: Database) -> None:
    """The sessions end together: one that fails leaves nothing of the other's work."""
    canvas_db.execute("ALTER TABLE public.attachments ADD CONSTRAINT full_up CHECK (false)")
    with pytest.raises(Exception, match="full_up"):
        seed.seed(canvas_db.url, 100)
    assert {
        digest for table, digest in valuecanvas.rows(canvas_db).items() if table.startswith("public.")
    } == {"0 rows "}


def test_an_earlier_version_can_be_filled(supabase_db: Database) -> None:
    """So that the backfill of the history has something to do."""
    valuecanvas.migrate(supabase_db, until="20251125070000")
    done = seed.seed(supabase_db.url, 100)
    assert "public.user_preferences" not in done.rows
    for migration in valuecanvas.project().migrations:
        if migration.version > "20251125070000":
            valuecanvas.run(supabase_db, migration.forth)
    with supabase_db.connect() as connection:
        assert connection.execute("SELECT count(*) FROM public.users WHERE full_name <> ''").fetchone() == (
            100,
        )


def test_a_role_without_the_right_is_told(canvas_db: Database) -> None:
    with pytest.raises(seed.SeedError, match="switch triggers off"):
        seed.seed(canvas_db.url_as("authenticator"), 10)


def test_a_database_without_the_schema_is_told(supabase_db: Database) -> None:
    with pytest.raises(seed.SeedError, match="apply its migrations first"):
        seed.seed(supabase_db.url, 10)
