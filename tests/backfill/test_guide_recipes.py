"""The guide's own recipes fail as the documentation says, and the same statement as a backfill succeeds."""

from __future__ import annotations

import psycopg
import pytest
from tests.backfill.conftest import make_users

from lockgate.backfill.run import run
from lockgate.errors import VerificationError

FILL = "UPDATE users SET full_name = first_name || ' ' || last_name WHERE full_name IS NULL"

PATTERN_1 = """
DO $$
DECLARE batch_size INTEGER := 1000; offset_val INTEGER := 0; rows_updated INTEGER;
BEGIN
  LOOP
    WITH batch AS (SELECT id FROM users WHERE full_name IS NULL LIMIT batch_size OFFSET offset_val)
    UPDATE users u SET full_name = u.first_name || ' ' || u.last_name FROM batch b WHERE u.id = b.id;
    GET DIAGNOSTICS rows_updated = ROW_COUNT;
    EXIT WHEN rows_updated = 0;
    offset_val := offset_val + batch_size;
  END LOOP;
END $$;
"""
PATTERN_2 = """
DO $$
DECLARE last_id uuid;
BEGIN
  WITH batch AS (SELECT id FROM users WHERE full_name IS NULL ORDER BY id LIMIT 1000)
  UPDATE users u SET full_name = u.first_name || ' ' || u.last_name FROM batch b WHERE u.id = b.id
  RETURNING u.id INTO last_id;
END $$;
"""


def left(pg):
    with pg.connect() as c:
        return c.execute("SELECT count(*) FROM users WHERE full_name IS NULL").fetchone()[0]


def test_pattern_1_stops_after_half_of_the_rows(pg):
    make_users(pg, 10_000)
    with pg.connect() as c:
        c.execute(PATTERN_1)
    assert left(pg) == 5000
    run(pg.connect, FILL)
    assert left(pg) == 0


def test_pattern_2_fails_at_its_first_batch(pg):
    make_users(pg, 3000)
    with pg.connect() as c, pytest.raises(psycopg.errors.TooManyRows):
        c.execute(PATTERN_2)
    assert left(pg) == 3000
    run(pg.connect, FILL)
    assert left(pg) == 0


def test_the_expression_of_both_leaves_rows_that_lack_a_part(pg):
    make_users(pg, 100)
    with pg.connect() as c:
        c.execute("UPDATE users SET last_name = NULL WHERE first_name < 'f2'")
    with pytest.raises(VerificationError, match="still match its WHERE"):
        run(pg.connect, FILL)
    run(
        pg.connect,
        "UPDATE users SET full_name = concat_ws(' ', first_name, last_name) WHERE full_name IS NULL",
    )
    assert left(pg) == 0


def test_the_progress_view_has_the_columns_of_the_guide(pg):
    make_users(pg, 100)
    run(pg.connect, FILL, name="backfill_full_names")
    with pg.connect() as c:
        row = c.execute(
            "SELECT migration_name, rows_processed, status, started_at < completed_at, last_processed_id IS NOT NULL"
            " FROM lockgate.migration_progress"
        ).fetchone()
    assert row == ("backfill_full_names", 100, "completed", True, True)
