"""The worker inside the database: the same books, the same orders, no process outside."""

from __future__ import annotations

import contextlib
import threading
import time

import psycopg
import pytest
from tests.backfill.conftest import make_users

from lockgate.backfill.options import Options
from lockgate.backfill.run import read_outcome, start
from lockgate.chunks.job import Settings, change_settings, get_job, pause, resume

FILL = "UPDATE users SET full_name = first_name || ' ' || last_name WHERE full_name IS NULL"


@pytest.mark.parametrize("pg", [15, 16, 17, 18], indirect=True)
def test_a_procedure_does_it_to_the_end(pg):
    make_users(pg)
    with pg.connect() as c:
        job = start(c, FILL)
        c.execute("CALL lockgate.backfill_run(%s)", [job.id])
        outcome = read_outcome(c, job.name)
        assert (outcome.job.status, outcome.job.rows_left, outcome.progress.rows_done) == ("done", 0, 5000)
        assert c.execute("SELECT count(*) FROM users WHERE full_name IS NULL").fetchone() == (0,)


def test_it_commits_each_chunk_and_obeys_pause_and_resume(users):
    with users.connect() as c:
        job = start(c, FILL, Options(settings=Settings(first_rows=50, largest_rows=50, pause_ms=20)))
        thread = threading.Thread(target=_call, args=(users, job.id), daemon=True)
        thread.start()
        _until(lambda: read_outcome(c, job.name).progress.rows_done > 100)
        assert c.execute("SELECT count(*) FROM users WHERE full_name IS NOT NULL").fetchone()[0] > 100
        pause(c, job.name)
        time.sleep(0.3)
        before = read_outcome(c, job.name).progress.rows_done
        time.sleep(0.5)
        assert read_outcome(c, job.name).progress.rows_done == before < 5000
        resume(c, job.name)
        change_settings(c, job.name, pause_ms=0.0, largest_rows=5000)
        thread.join(30)
        assert get_job(c, job.name).status == "done"


def test_a_row_that_cannot_be_changed_is_set_aside(users):
    with users.connect() as c:
        c.execute("ALTER TABLE users ADD CHECK (full_name <> 'f77 l77')")
        job = start(c, FILL)
        c.execute("CALL lockgate.backfill_run(%s)", [job.id])
        outcome = read_outcome(c, job.name)
        assert outcome.job.status == "incomplete"
        assert outcome.progress.rows_done == 4999
        assert len(outcome.skipped) == 1


def _call(pg, job_id):
    with pg.connect() as c:
        c.execute("CALL lockgate.backfill_run(%s)", [job_id])


def _until(condition, seconds=20):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def test_killed_in_the_middle_it_goes_on_with_the_next_call(users):
    with users.connect() as c:
        job = start(
            c,
            "UPDATE users SET touched = touched + 1",
            Options(settings=Settings(first_rows=50, largest_rows=50, pause_ms=5)),
        )
        for _ in range(3):
            thread = threading.Thread(target=_ignoring_the_end, args=(users, job.id), daemon=True)
            thread.start()
            time.sleep(0.4)
            c.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
                " AND query LIKE 'CALL lockgate.backfill_run%' AND pid <> pg_backend_pid()"
            )
            thread.join(10)
        change_settings(c, job.name, pause_ms=0.0, largest_rows=5000)
        c.execute("CALL lockgate.backfill_run(%s)", [job.id])
        assert get_job(c, job.name).status == "done"
        assert c.execute("SELECT count(*) FROM users WHERE touched = 1").fetchone() == (5000,)


def _ignoring_the_end(pg, job_id):
    with contextlib.suppress(psycopg.OperationalError):
        _call(pg, job_id)
