"""Killed at random moments, a backfill ends as if nothing had happened: no row missed, none changed twice.

``LOCKGATE_KILLS`` sets how many kills there are in all (default 12, spread over the modes).
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

KILLS = int(os.environ.get("LOCKGATE_KILLS", "12"))
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
    make_users(pg, 6000, key)
    random_source = random.Random(mode)
    with pg.connect() as c:
        job = start(c, sql, Options(settings=SLOW, walker=walk), "job")
        assert job.walker == walk
    killed = 0
    for _ in range(max(1, KILLS // len(MODES))):
        victim = child(pg.url, "job", str(workers))
        victim.process.stdout.readline()
        time.sleep(random_source.uniform(0.0, 0.5))
        victim.kill()
        killed += victim.process.returncode == -9
    assert killed, "every child had ended before it could be killed"
    with pg.connect() as c:
        job = get_job(c, "job")
        work_on(pg.connect, job, workers=workers)
        outcome = read_outcome(c, "job")
        assert outcome.job.status == "done"
        assert outcome.progress.rows_done == 6000
        right = "touched = 1" if "touched" in sql else "full_name = first_name || last_name"
        assert c.execute(f"SELECT count(*) FROM users WHERE {right}").fetchone() == (6000,)
