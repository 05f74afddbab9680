"""A real streaming standby: read, never changed; and a failover in the middle of a run is noticed, never continued."""

from __future__ import annotations

import contextlib
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import psycopg
import pytest
from tests.faults_kit import Proxy, apply_of, fork_runner
from tests.projects import Sandbox, sandbox

from lockgate.local import ephemeral
from lockgate.local.cluster import Cluster, Process
from lockgate.local.flavours import POSTGRES
from lockgate.local.server import LocalServer

SETTINGS = {"fsync": "off", "wal_level": "replica", "max_wal_senders": "4", "log_min_messages": "fatal"}


@dataclass(frozen=True)
class Pair:
    """A primary and a standby that streams from it."""

    primary: LocalServer
    cluster: Cluster
    standby: Process

    @property
    def standby_url(self) -> str:
        """The address of the same database on the standby."""
        return self.primary.url.replace(f":{self.primary.process.port}/", f":{self.standby.port}/")

    def catch_up(self) -> None:
        """Wait until the standby has replayed what the primary has written."""
        with psycopg.connect(self.primary.url, autocommit=True) as connection:
            while not connection.execute(
                "SELECT 1 FROM pg_stat_replication WHERE replay_lsn >= pg_current_wal_lsn()"
            ).fetchone():
                time.sleep(0.02)

    def fail_over(self) -> None:
        """The primary dies, the standby takes over on a time line of its own."""
        self.primary.cluster.stop(immediately=True)
        with psycopg.connect(self.standby_url, autocommit=True) as connection:
            assert connection.execute("SELECT pg_promote(true, 30)").fetchone() == (True,)


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[Pair]:
    with ephemeral.server(17, POSTGRES, SETTINGS) as primary:
        program = primary.cluster.installation.program("pg_basebackup")
        if not program.exists():
            pytest.skip("this installation has no pg_basebackup")
        folder = primary.cluster.data_dir.parent
        cluster = replace(
            primary.cluster,
            data_dir=folder / "standby",
            socket_dir=folder / "standby-run",
            log_file=folder / "standby.log",
        )
        _copy(primary, cluster)
        standby = cluster.start({**SETTINGS, "hot_standby": "on"})
        try:
            yield Pair(primary, cluster, standby)
        finally:
            cluster.stop(immediately=True)


def _copy(primary: LocalServer, cluster: Cluster) -> None:
    """Take a base backup as the account that will run it, and let it follow the primary through its socket."""
    with contextlib.suppress(FileExistsError):
        cluster.data_dir.mkdir(mode=0o700)
    cluster.account.own(cluster.data_dir)
    done = subprocess.run(
        cluster.account.command(
            cluster.installation.program("pg_basebackup"),
            f"--pgdata={cluster.data_dir}",
            "--wal-method=stream",
            "--checkpoint=fast",
            "--write-recovery-conf",
            "--no-sync",
            f"--host={primary.process.socket_dir}",
            f"--port={primary.process.port}",
            f"--username={primary.flavour.superuser}",
        ),
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_a_standby_is_refused_and_a_failover_in_the_middle_is_not_continued(
    pair: Pair, tmp_path: Path
) -> None:
    proxy = Proxy("127.0.0.1", pair.primary.process.port)
    try:
        _check(pair, proxy, tmp_path)
    finally:
        proxy.close()


def _check(pair: Pair, proxy: Proxy, tmp_path: Path) -> None:
    direct = sandbox(tmp_path, pair.primary.url, extra="[locks]\npause = 0.05\n")
    direct.write("20250101090000", "create_a", "CREATE TABLE a (n int);\n", "DROP TABLE a;\n")
    assert direct.to_target("apply").exit_code == 0
    pair.catch_up()

    on_standby = Sandbox(direct.folder, pair.standby_url)
    refused = on_standby.to_target("apply")
    assert refused.exit_code == 1
    assert "The server is a standby" in refused.output
    assert on_standby.json("status")["summary"]["applied"] == 1

    for number, name in enumerate("bcd", 1):
        direct.write(f"2025010{1 + number}090000", f"create_{name}", f"CREATE TABLE {name} (n int);\n")
    moved = Sandbox(
        direct.folder, pair.primary.url.replace(f":{pair.primary.process.port}/", f":{proxy.port}/")
    )
    child = fork_runner(apply_of(moved), "after commit", 2)
    assert child.wait_until_reached()
    pair.catch_up()
    pair.fail_over()
    proxy.lead_to("127.0.0.1", pair.standby.port)
    proxy.cut()
    child.go_on()
    code, said = child.join(), (direct.folder / "child.log").read_text()
    assert code == 1, said
    assert "Another server answers now" in said
    assert "time line 1" in said
    assert "time line 2" in said

    assert on_standby.json("status")["summary"] == {
        "applied": 3,
        "pending": 1,
        "unfinished": 0,
        "problems": 0,
    }
    assert on_standby.to_target("apply").exit_code == 0
    with psycopg.connect(pair.standby_url, autocommit=True) as connection:
        assert connection.execute("SELECT to_regclass('d') IS NOT NULL").fetchone() == (True,)
