"""Backfills as steps of a migration: applied, killed, resumed, rolled back and applied again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest
from tests.backfill.conftest import make_users
from tests.projects import sandbox

FIRST = "20260101090000"
UP = """
    ALTER TABLE users ADD COLUMN display text;
    -- lockgate: backfill batch=80 pause=20ms key=id
    UPDATE users SET display = first_name || ' ' || last_name WHERE display IS NULL;
"""


@pytest.fixture
def place(tmp_path, pg):
    make_users(pg)
    place = sandbox(tmp_path, pg.url)
    place.write(FIRST, "fill_display", UP, "ALTER TABLE users DROP COLUMN display;")
    return place


def filled(pg):
    with pg.connect() as c:
        return c.execute(
            "SELECT count(*) FROM users WHERE display = first_name || ' ' || last_name"
        ).fetchone()[0]


def test_a_migration_with_a_backfill_goes_up_down_and_up_again(place, pg):
    place.write(
        FIRST, "fill_display", UP.replace("pause=20ms", "pause=1ms"), "ALTER TABLE users DROP COLUMN display;"
    )
    for _ in range(2):
        result = place.to_target("apply")
        assert result.exit_code == 0, result.output
        assert filled(pg) == 5000
        with pg.connect() as c:
            rows = c.execute(
                "SELECT row_count FROM lockgate.step WHERE kind = 'backfill' AND status = 'done'"
                " ORDER BY id DESC LIMIT 1"
            ).fetchone()
            assert rows == (5000,)
            assert (
                c.execute(
                    "SELECT min(chunk_size), max(chunk_size) FROM lockgate.backfill_range WHERE chunk_size IS NOT NULL"
                ).fetchone()[1]
                <= 80
            )
        back = place.to_target("rollback", "to", "0", "--yes")
        assert back.exit_code == 0, back.output


@pytest.mark.slow
def test_killed_and_applied_again_it_goes_on_where_it_was(place, pg):
    done = []
    for _ in range(3):
        process = subprocess.Popen(
            [sys.executable, "-m", "lockgate", "apply", "--to", "target", "--project", str(place.folder)],
            env={**os.environ, "TARGET_URL": pg.url},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        reached(pg, (done[-1] if done else 0) + 300)
        process.send_signal(signal.SIGKILL)
        process.wait()
        done.append(rows(pg))
    assert done == sorted(done)
    assert 300 <= done[-1] < 5000
    with pg.connect() as c:
        c.execute(
            'UPDATE lockgate.backfill_job SET settings = settings || \'{"pause_ms": 0, "largest_rows": 5000}\''
        )
    result = place.to_target("apply")
    assert result.exit_code == 0, result.output
    assert filled(pg) == 5000
    assert rows(pg) == 5000


def test_interrupted_it_says_how_to_go_on(place, pg):
    process = subprocess.Popen(
        [sys.executable, "-m", "lockgate", "apply", "--to", "target", "--project", str(place.folder)],
        env={**os.environ, "TARGET_URL": pg.url},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    reached(pg, 300)
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=30)
    assert process.returncode == 130, output
    assert "Traceback" not in output
    assert "nothing is half-written" in output


def test_the_settings_of_the_project_hold_and_the_directive_has_the_last_word(tmp_path, pg):
    make_users(pg)
    extra = '[backfill]\nbatch = 70\nworkers = 2\npause = "1ms"\nlimits = ["growth_factor=9"]\n'
    place = sandbox(tmp_path, pg.url, extra=extra)
    place.write(FIRST, "fill_display", UP.replace("batch=80 pause=20ms", "target=50ms"))
    result = place.to_target("apply")
    assert result.exit_code == 0, result.output
    with pg.connect() as c:
        (settings,) = c.execute("SELECT settings FROM lockgate.backfill_job").fetchone()
    assert (settings["largest_rows"], settings["pause_ms"], settings["target_ms"]) == (70, 1.0, 50.0)
    assert settings["limits"] == {"growth_factor": 9.0}


def test_a_setting_that_there_is_not_is_said_before_anything_happens(tmp_path, pg):
    place = sandbox(tmp_path, pg.url, extra='[backfill]\nlimits = ["patience=9"]\n')
    place.write(FIRST, "fill_display", UP)
    result = place.to_target("apply")
    assert result.exit_code == 2, result.output
    assert "no limit called 'patience'" in result.output


REFILLED = """
    CREATE FUNCTION refill() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      NEW.display := coalesce(NEW.display, NEW.first_name || ' ' || NEW.last_name);
      RETURN NEW;
    END $$;
    CREATE TRIGGER refill BEFORE INSERT ON users FOR EACH ROW EXECUTE FUNCTION refill();
"""


def test_a_way_back_ends_although_the_application_goes_on_filling_rows(place, pg):
    """Each chunk sees another row that matches again, as if users signed up all the time."""
    place.write(
        FIRST,
        "fill_display",
        UP.replace("batch=80 pause=20ms ", ""),
        "-- lockgate: backfill key=id\nUPDATE users SET display = NULL WHERE display IS NOT NULL;",
    )
    assert place.to_target("apply").exit_code == 0
    with pg.connect() as c:
        c.execute(REFILLED)
        c.execute(
            "CREATE FUNCTION sign_up() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            " INSERT INTO users (id, first_name, last_name)"
            " SELECT '00000000-0000-0000-0000-000000000000'::uuid, 'a', 'b'"
            " ON CONFLICT (id) DO UPDATE SET display = 'a b'; RETURN NULL; END $$;"
            "CREATE TRIGGER sign_up AFTER UPDATE OF sweep ON lockgate.backfill_job"
            " FOR EACH STATEMENT EXECUTE FUNCTION sign_up();"
            "CREATE TRIGGER sign_up AFTER UPDATE OF done ON lockgate.backfill_range"
            " FOR EACH STATEMENT EXECUTE FUNCTION sign_up();"
        )
    back = place.to_target("rollback", "to", "0", "--yes")
    assert back.exit_code == 0, back.output
    with pg.connect() as c:
        job = c.execute(
            "SELECT status, rows_left, notes FROM lockgate.backfill_job ORDER BY id DESC LIMIT 1"
        ).fetchone()
        assert c.execute("SELECT count(*) FROM users WHERE display IS NOT NULL").fetchone() == (1,)
    assert job[:2] == ("done", 1)
    assert job[2][-1] == "rows that match again: 1, written while the table was walked"


def rows(pg):
    with pg.connect() as c:
        there = c.execute("SELECT to_regclass('lockgate.migration_progress')").fetchone()[0]
        row = (
            c.execute("SELECT sum(rows_processed) FROM lockgate.migration_progress").fetchone()
            if there
            else None
        )
        return int(row[0] or 0) if row else 0


def reached(pg, count, seconds=30):
    deadline = time.monotonic() + seconds
    while rows(pg) < count:
        assert time.monotonic() < deadline, f"{rows(pg)} of {count} rows"
        time.sleep(0.05)
