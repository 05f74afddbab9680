"""Throwaway servers and databases go away, also when their owner was killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from lockgate.local import databases, ephemeral, flavours, liveness

pytestmark = pytest.mark.server


@pytest.mark.parametrize("major", [15, 18])
def test_a_throwaway_server_is_whole_and_goes_away(major) -> None:
    with ephemeral.server(major, settings={"max_connections": "17"}) as running:
        with psycopg.connect(running.url) as connection:
            row = connection.execute("SHOW max_connections").fetchone()
            assert row == ("17",)
            assert connection.info.server_version // 10000 == major
        folder = running.cluster.data_dir.parent
        pid = running.process.pid
    assert not folder.exists()
    assert not Path(f"/proc/{pid}/cwd").exists()


def test_a_throwaway_clone_is_independent() -> None:
    with ephemeral.server(17, flavours.POSTGRES) as running:
        with psycopg.connect(running.url) as connection:
            connection.execute("CREATE TABLE t AS SELECT 1 AS id")
        with ephemeral.copy_of_project(running) as name:
            with psycopg.connect(running.url_for(name)) as connection:
                connection.execute("UPDATE t SET id = 2")
            with psycopg.connect(running.url) as connection:
                assert connection.execute("SELECT id FROM t").fetchone() == (1,)
        with running.connect_admin() as admin:
            assert not databases.exists(admin, name)


def test_a_server_whose_owner_was_killed_is_swept_up() -> None:
    script = (
        "import time\n"
        "from lockgate.local import ephemeral, flavours\n"
        "with ephemeral.server(17, flavours.POSTGRES) as running:\n"
        "    print(running.process.pid, running.cluster.data_dir.parent, flush=True)\n"
        "    time.sleep(60)\n"
    )
    owner = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert owner.stdout is not None
    pid, folder = owner.stdout.readline().split()
    owner.send_signal(signal.SIGKILL)
    owner.wait()
    owner.stdout.close()
    assert Path(folder).exists()
    with ephemeral.server(17, flavours.POSTGRES):
        assert not Path(folder).exists()
        assert not liveness.is_alive(int(pid))


def test_a_process_that_ended_but_was_not_waited_for_is_not_alive() -> None:
    child = subprocess.Popen([sys.executable, "-c", ""])
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    os.kill(child.pid, 0)
    assert liveness.state(child.pid) == "Z"
    assert not liveness.is_alive(child.pid)
    child.wait()
    assert not liveness.is_alive(child.pid)
    assert liveness.is_alive(os.getpid())
