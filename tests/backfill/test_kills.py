"""Killed at random moments, a backfill ends as if nothing had happened: no row missed, none changed twice.

``LOCKGATE_KILLS`` sets how many kills there are in all, spread over the modes: 12 in every run, 200 in the nightly one.
"""

from __future__ import annotations

import os
import random
import time

import pytest
from tests.backfill.conftest import make_users

from lockgate.backfill.options import Options
from lockgate.backfill.run import read_outcome, start, work_on
from lockgate.chunks.job import Settings, get_job

KILLS = int(os.environ.get("LOCKGATE_KILLS", "200" if os.environ.get("LOCKGATE_NIGHTLY") else "12"))
SLOW = Settings(first_rows=40, largest_rows=40, pause_ms=2, lease_seconds=5)
MODES = [
    # name, key, statement, way to walk, workers, expected value of each row
    ("once", "id int PRIMARY KEY", "UPDATE users SET touched = touched + 1", "keyset", 1),
    ("once-2", "id uuid PRIMARY KEY", "UPDATE users SET touched = touched + 1", "keyset", 2),
    ("strided", "id uuid PRIMARY KEY", "UPDATE users SET full_name = first_name || last_name", "strided", 2),
    (
        "pages",
        "id int",
        "UPDATE users SET full_name = first_name || last_name WHERE full_name IS NULL",
        "pages",
        1,
    ),
]


@pytest.mark.slow
@pytest.mark.parametrize(("mode", "key", "sql", "walk", "workers"), MODES, ids=[m[0] for m in MODES])
def test_random_kills_leave_no_trace(pg, child, mode, key, sql, walk, workers):
    random_source = random.Random(mode)
    wanted, killed, jobs = max(1, KILLS // len(MODES)), 0, 0
    while killed < wanted:
        jobs += 1
        assert jobs <= wanted, "the children end before they can be killed"
        with pg.connect() as c:
            c.execute("DROP TABLE IF EXISTS users")
        make_users(pg, 6000, key)
        killed += _killed_to_the_end(
            pg, child, f"job{jobs}", sql, walk, workers, wanted - killed, random_source
        )


def _killed_to_the_end(pg, child, name, sql, walk, workers, most, random_source):
    """Kill the runners of one job, as long as there is work for them; then end it undisturbed and look at the rows."""
    with pg.connect() as c:
        assert start(c, sql, Options(settings=SLOW, walker=walk), name).walker == walk
    killed = 0
    while killed < most and _is_running(pg, name):
        victim = child(pg.url, name, str(workers))
        victim.process.stdout.readline()
        time.sleep(random_source.uniform(0.0, 0.3))
        victim.kill()
        killed += victim.process.returncode == -9
    with pg.connect() as c:
        work_on(pg.connect, get_job(c, name), workers=workers)
        outcome = read_outcome(c, name)
        assert outcome.job.status == "done"
        assert outcome.progress.rows_done == 6000
        right = "touched = 1" if "touched" in sql else "full_name = first_name || last_name"
        assert c.execute(f"SELECT count(*) FROM users WHERE {right}").fetchone() == (6000,)
    return killed


def _is_running(pg, name):
    with pg.connect() as c:
        return get_job(c, name).status == "running"
