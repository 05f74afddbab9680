"""Every throttle signal against a real server that shows what it looks for."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
import threading
import time
from pathlib import Path

import psycopg
import pytest
from tests.chunks.own_server import own_server

from lockgate.chunks.limits import Limits
from lockgate.chunks.signals import SIGNALS, Reading, Situation, UnreadableError
from lockgate.chunks.signals.archiver import Archiver
from lockgate.chunks.signals.checkpoints import Checkpoints
from lockgate.chunks.signals.connections import Connections
from lockgate.chunks.signals.dead_rows import DeadRows
from lockgate.chunks.signals.disk import Disk
from lockgate.chunks.signals.latency import Latency
from lockgate.chunks.signals.lock_waits import LockWaits
from lockgate.chunks.signals.oldest_xmin import OldestXmin
from lockgate.chunks.signals.replica_lag import ReplicaLag
from lockgate.chunks.signals.slots import Slots
from lockgate.chunks.signals.wal_rate import WalRate
from lockgate.chunks.throttle import GO, Throttle
from lockgate.errors import UsageError

RECEIVER = Path("/usr/lib/postgresql/15/bin/pg_receivewal")


class Looker:
    """Asks signals about one table, with a connection of its own."""

    def __init__(self, pg) -> None:
        self.pg = pg
        self.connection = pg.connect()
        self.connection.execute("CREATE TABLE t (id int PRIMARY KEY, a text)")
        self.connection.execute("INSERT INTO t SELECT n FROM generate_series(1, 100) n")
        self.table = self.connection.execute("SELECT 't'::regclass::oid::bigint").fetchone()[0]
        self.now = 1000.0
        self.owners: tuple[int, ...] = ()

    def situation(self, **limits: float) -> Situation:
        self.now += 1.0
        major = self.pg.major
        return Situation(self.connection, (self.table,), self.owners, Limits(**limits), major, self.now)


@pytest.fixture
def looker(pg):
    looker = Looker(pg)
    yield looker
    looker.connection.close()


def wait_until(condition, seconds=10.0):
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)
    return value


OF_THE_MACHINE = (LockWaits, Latency)
"""Signals that other tests beside this one may move."""


@pytest.mark.parametrize("pg", [15, 16, 17, 18], indirect=True)
def test_every_signal_can_be_read_on_every_server_and_a_quiet_one_is_calm(looker):
    for kind in SIGNALS:
        reading = kind().read(looker.situation(snapshot_seconds=1e9, slot_bytes=1e15, xid_age=1e12))
        assert isinstance(reading, Reading)
        assert reading.pressure < 0.7 or kind in OF_THE_MACHINE, (kind.name, reading)
        assert kind.summary
        assert kind.__doc__


def test_a_session_that_waits_for_our_row_lock_is_seen(looker):
    with looker.pg.connect(autocommit=False) as ours:
        ours.execute("UPDATE t SET a = 'x' WHERE id = 1")
        looker.owners = (ours.info.backend_pid,)
        thread = threading.Thread(target=_update_one, args=(looker.pg,), daemon=True)
        thread.start()
        reading = wait_until(
            lambda: (
                r if (r := LockWaits().read(looker.situation(lock_wait_seconds=0.2))).pressure >= 1 else None
            )
        )
        assert "1 sessions wait" in reading.detail
        ours.rollback()
        thread.join(10)
    assert LockWaits().read(looker.situation()).pressure == 0


def _update_one(pg):
    with pg.connect() as c:
        c.execute("UPDATE t SET a = 'y' WHERE id = 1")


def test_a_schema_change_that_waits_stops_at_once(looker):
    with looker.pg.connect(autocommit=False) as reader, looker.pg.connect() as changer:
        reader.execute("SELECT * FROM t")
        thread = threading.Thread(
            target=lambda: changer.execute("ALTER TABLE t ADD COLUMN b int"), daemon=True
        )
        thread.start()
        reading = wait_until(lambda: r if (r := LockWaits().read(looker.situation())).pressure >= 1 else None)
        assert f"process {changer.info.backend_pid} waits to change the table" in reading.detail
        reader.rollback()
        thread.join(10)


def test_the_holder_of_an_old_snapshot_is_named(looker):
    assert OldestXmin().read(looker.situation()).pressure < 0.1
    with looker.pg.connect(autocommit=False) as holder:
        holder.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        holder.execute("SELECT 1 FROM t")
        time.sleep(0.3)
        reading = OldestXmin().read(looker.situation(snapshot_seconds=0.2))
        assert reading.pressure >= 1
        assert f"process {holder.info.backend_pid} (idle in transaction)" in reading.detail


def test_a_prepared_transaction_holds_one_too(looker):
    with looker.pg.connect(autocommit=False) as c:
        c.execute("UPDATE t SET a = 'z'")
        c.execute("PREPARE TRANSACTION 'forgotten'")
    try:
        time.sleep(0.3)
        reading = OldestXmin().read(looker.situation(snapshot_seconds=0.2))
        assert "prepared transaction forgotten" in reading.detail
        assert reading.pressure >= 1
    finally:
        looker.connection.execute("ROLLBACK PREPARED 'forgotten'")


def test_a_slot_that_keeps_wal_is_named(looker):
    name = f"lockgate_test_{looker.pg.name}"[:60]
    looker.connection.execute("SELECT pg_create_physical_replication_slot(%s, true)", [name])
    try:
        looker.connection.execute(
            "INSERT INTO t SELECT n, repeat('x', 500) FROM generate_series(1000, 9000) n"
        )
        reading = Slots().read(looker.situation(slot_bytes=1e6))
        assert reading.pressure >= 1
        assert "keeps" in reading.detail
    finally:
        looker.connection.execute("SELECT pg_drop_replication_slot(%s)", [name])


@pytest.mark.slow
@pytest.mark.skipif(not RECEIVER.exists(), reason="needs pg_receivewal of PostgreSQL 15")
def test_a_replica_that_falls_behind_is_seen_and_hidden_ones_fail_closed(tmp_path):
    with own_server(15) as server:
        looker = Looker(server)
        command = [
            RECEIVER,
            "-h",
            server.host,
            "-p",
            str(server.port),
            "-U",
            "postgres",
            "-D",
            str(tmp_path),
            "--no-loop",
        ]
        receiver = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            wait_until(lambda: ReplicaLag().read(looker.situation()).detail != "no replica")
            receiver.send_signal(signal.SIGSTOP)
            looker.connection.execute(
                "INSERT INTO t SELECT n, repeat('x', 500) FROM generate_series(1000, 20000) n"
            )
            reading = ReplicaLag().read(looker.situation(replica_lag_bytes=1e6))
            assert reading.pressure >= 1
            assert "pg_receivewal" in reading.detail
            looker.connection.execute("SET ROLE pg_read_all_data")
            with pytest.raises(UnreadableError, match="pg_monitor"):
                ReplicaLag().read(looker.situation())
            verdict = Throttle(signals=(ReplicaLag,)).judge(looker.situation())
            assert verdict.stop
            assert "--ignore-signal replica-lag" in verdict.reason
        finally:
            receiver.kill()
            receiver.wait()
            looker.connection.close()


@pytest.mark.slow
def test_an_archive_that_fails_stops_and_its_backlog_is_counted():
    flag = Path(tempfile.gettempdir()) / f"lockgate-archive-{os.getpid()}"
    with own_server(15, archive_mode="on", archive_command=f"test ! -e {flag}") as server:
        looker = Looker(server)
        c = looker.connection
        c.execute("SELECT pg_switch_wal()")
        wait_until(lambda: c.execute("SELECT last_archived_wal FROM pg_stat_archiver").fetchone()[0])
        assert Archiver().read(looker.situation()).pressure < 0.7
        flag.touch()
        try:
            for n in range(5):
                c.execute("INSERT INTO t (id) VALUES (%s)", [1000 + n])
                c.execute("SELECT pg_switch_wal()")
            reading = wait_until(
                lambda: r if (r := Archiver().read(looker.situation())).pressure >= 1 else None
            )
            assert "fails" in reading.detail
            assert looker.situation().row("archiver")[2] >= 3
        finally:
            flag.unlink()
            c.close()


def test_latency_is_compared_with_its_own_beginning(looker):
    signal = Latency()
    assert signal.read(looker.situation()).pressure < 1
    with looker.pg.connect(autocommit=False) as holder:
        holder.execute("LOCK TABLE t IN ACCESS EXCLUSIVE MODE")
        threading.Timer(0.4, holder.rollback).start()
        signal.read(looker.situation())  # waits behind the lock, as every user of the table does
    assert max(signal._recent) > 200
    assert "a one-row read takes" in signal.read(looker.situation()).detail


def test_connections_count(looker):
    reading = Connections().read(looker.situation(connection_share=0.001))
    assert reading.pressure >= 1
    assert "connections in use" in reading.detail


def test_the_rate_of_wal(looker):
    signal = WalRate()
    assert signal.read(looker.situation()).pressure == 0
    looker.connection.execute("INSERT INTO t SELECT n, repeat('x', 200) FROM generate_series(1000, 5000) n")
    assert signal.read(looker.situation(wal_bytes_per_second=1000)).pressure > 1


@pytest.mark.parametrize("pg", [15, 17], indirect=True)
def test_checkpoints_in_quick_succession_slow_down_and_never_stop(looker):
    signal = Checkpoints()
    for _ in range(6):
        reading = signal.read(looker.situation())
        looker.connection.execute("INSERT INTO t (id) SELECT max(id) + 1 FROM t")
        looker.connection.execute("CHECKPOINT")
        time.sleep(0.1)
    assert 0.7 < reading.pressure < 1
    assert "max_wal_size" in reading.detail


def test_dead_rows_alone_do_not_hold_back_without_a_vacuum(looker):
    c = looker.connection
    c.execute("ALTER TABLE t SET (autovacuum_enabled = off)")
    c.execute("INSERT INTO t SELECT n FROM generate_series(1000, 20000) n")
    c.execute("UPDATE t SET a = 'x'")
    reading = wait_until(
        lambda: r if (r := DeadRows().read(looker.situation())).detail != "0% dead rows" else None, seconds=20
    )
    assert reading.pressure <= 0.7


def test_growth_of_the_table(looker):
    signal = Disk()
    signal.read(looker.situation())
    signal._first_size = 1000
    reading = signal.read(looker.situation(growth_factor=2))
    assert reading.pressure > 1
    assert "has grown" in reading.detail


def test_what_cannot_be_read_stops_and_says_how_to_go_on(looker):
    class Broken:
        """A signal whose query fails."""

        name = "broken"
        summary = "never readable"

        def read(self, situation):
            situation.connection.execute("SELECT no_such_column")

    verdict = Throttle(signals=(Broken,)).judge(looker.situation())
    assert verdict.stop
    assert "--ignore-signal broken" in verdict.reason
    assert Throttle(("broken",), signals=(Broken,)).judge(looker.situation()) == GO


def test_near_the_limit_it_slows_down_and_after_a_stop_it_waits_for_calm(looker):
    readings = iter([0.5, 0.85, 1.2, 0.95, 0.85])

    class Scripted:
        """A signal that says what it is told to."""

        name = "scripted"
        summary = "scripted"

        def read(self, situation):
            return Reading(next(readings), "as told")

    throttle = Throttle(signals=(Scripted,))
    verdicts = [throttle.judge(looker.situation()) for _ in range(5)]
    assert [v.stop for v in verdicts] == [False, False, True, True, False]
    assert verdicts[0] == GO
    assert verdicts[1].rest > 0
    assert verdicts[4].rest > 0


def test_unknown_signals_and_limits_are_refused():
    with pytest.raises(UsageError, match="no throttle signal called weather"):
        Throttle(("weather",))
    with pytest.raises(UsageError, match="no limit called"):
        Limits.from_mapping({"weather": 1})
    with pytest.raises(UsageError, match="above zero"):
        Limits.from_mapping({"slot_bytes": 0})


def test_the_watch_is_blind_without_a_server_and_blind_means_stop():
    from lockgate.chunks.watch import Watch

    def refuse():
        raise psycopg.OperationalError("no server")

    watch = Watch(refuse, 1, (), Throttle())
    watch.look()
    assert watch.verdict.stop
