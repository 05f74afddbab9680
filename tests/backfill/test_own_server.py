"""What needs a server of its own: pg_cron, and a server that goes away."""

from __future__ import annotations

import os
import subprocess
import tempfile
import threading
import time
from pathlib import Path

import pytest
from tests.backfill.conftest import make_users
from tests.chunks.own_server import own_server

from lockgate.backfill.cron import schedule
from lockgate.backfill.options import Options
from lockgate.backfill.run import read_outcome, start, work_on
from lockgate.chunks.job import Settings, get_job, resume
from lockgate.errors import LockgateError, UnfitTargetError

PG_CRON = Path("/usr/lib/postgresql/15/lib/pg_cron.so")
FILL = "UPDATE users SET full_name = first_name || ' ' || last_name WHERE full_name IS NULL"


@pytest.mark.slow
@pytest.mark.skipif(not PG_CRON.exists(), reason="needs postgresql-15-cron")
def test_pg_cron_does_the_whole_work_and_leaves_its_schedule_clean():
    with (
        own_server(
            15,
            shared_preload_libraries="pg_cron",
            cron__database_name="postgres",
            cron__use_background_workers="on",
        ) as server,
        server.connect() as c,
    ):
        make_users(server, 20_000)
        job = start(c, FILL, Options(settings=Settings(first_rows=200, largest_rows=500)), "names")
        with pytest.raises(UnfitTargetError, match="pg_cron is not installed"):
            schedule(c, job)
        c.execute("CREATE EXTENSION pg_cron")
        assert schedule(c, job, workers=2) == ("lockgate-backfill-1-1", "lockgate-backfill-1-2")
        deadline = time.monotonic() + 150
        while get_job(c, "names").status == "running":
            assert time.monotonic() < deadline, c.execute("SELECT * FROM cron.job_run_details").fetchall()
            time.sleep(0.5)
        outcome = read_outcome(c, "names")
        assert (outcome.job.status, outcome.progress.rows_done, outcome.job.rows_left) == ("done", 20_000, 0)
        assert c.execute("SELECT count(*) FROM users WHERE full_name IS NULL").fetchone() == (0,)
        time.sleep(1)
        assert c.execute("SELECT count(*) FROM cron.job").fetchone() == (0,)


@pytest.mark.slow
def test_a_crash_of_the_server_loses_no_row_and_changes_none_twice():
    with own_server(15, fsync="on", synchronous_commit="on") as server:
        make_users(server, 5000)
        with server.connect() as c:
            job = start(
                c,
                "UPDATE users SET touched = touched + 1",
                Options(settings=Settings(first_rows=60, largest_rows=60, pause_ms=2)),
                "n",
            )
        results = []
        thread = threading.Thread(
            target=lambda: results.append(work_on(server.connect, job, workers=2)), daemon=True
        )
        thread.start()
        for _ in range(3):
            time.sleep(0.6)
            server.stop()
            time.sleep(0.3)
            server.start()
        thread.join(90)
        assert results, "the workers did not come back"
        assert results[0].job.status == "done"
        with server.connect() as c:
            assert c.execute("SELECT count(*) FROM users WHERE touched = 1").fetchone() == (5000,)


@pytest.mark.slow
def test_a_full_disk_stops_in_words_and_the_work_goes_on_when_there_is_room(small_disk):
    with own_server(15) as server, server.connect() as c:
        owner = (server.cluster.data_dir.stat().st_uid, server.cluster.data_dir.stat().st_gid)
        os.chown(small_disk, *owner)
        c.execute(f"CREATE TABLESPACE small LOCATION '{small_disk}'")
        c.execute("CREATE TABLE junk (a text) TABLESPACE small")
        c.execute("INSERT INTO junk SELECT repeat(md5(n::text), 20) FROM generate_series(1, 23000) n")
        c.execute("CREATE TABLE t (id int PRIMARY KEY, a text) TABLESPACE small")
        c.execute("INSERT INTO t SELECT generate_series(1, 20000)")
        job = start(
            c,
            "UPDATE t SET a = repeat('x', 600) WHERE a IS NULL",
            Options(settings=Settings(first_rows=300)),
            "n",
        )
        with pytest.raises(LockgateError, match="disk full"):
            work_on(server.connect, job)
        done = read_outcome(c, "n").progress.rows_done
        assert 0 < done < 20_000
        assert c.execute("SELECT count(*) FROM t WHERE a IS NOT NULL").fetchone() == (done,)
        c.execute("DROP TABLE junk")
        c.execute("CHECKPOINT")
        assert work_on(server.connect, resume(c, "n")).progress.rows_done == 20_000


@pytest.fixture
def small_disk():
    folder = Path(tempfile.mkdtemp(prefix="lockgate-small-", dir="/var/tmp"))
    folder.chmod(0o755)
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=28m", "tmpfs", folder], capture_output=True, check=False
    )
    if mounted.returncode != 0:
        folder.rmdir()
        pytest.skip("needs the right to mount a small disk")
    yield folder
    subprocess.run(["umount", "-l", folder], check=False)
    folder.rmdir()
