"""Looks at the server once a second beside the workers: the people's wishes, the throttle signals, a sign of life."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

import psycopg

from lockgate.chunks.ledger import Orders, farewell, heartbeat, read_orders
from lockgate.chunks.limits import Limits
from lockgate.chunks.signals import Situation
from lockgate.chunks.table import Connection
from lockgate.chunks.throttle import GO, Throttle, Verdict, now
from lockgate.errors import ConnectionFailedError

Connect = Callable[[], Connection]
STALE_SECONDS = 10.0
"""A watch that has not looked for so long counts as blind, and blind means stop."""


@dataclass
class Pulse:
    """What one worker does, as it tells the watch."""

    owner: str
    pid: int = 0
    size: int = 0
    chunk_ms: float = 0.0
    changed: int = 0
    _counted: int = 0
    _counted_at: float = field(default_factory=now)

    def rate(self) -> float:
        """Rows per second since the last call."""
        moment = now()
        elapsed, rows = moment - self._counted_at, self.changed - self._counted
        self._counted, self._counted_at = self.changed, moment
        return rows / elapsed if elapsed > 0 else 0.0


class Watch(threading.Thread):
    """One for each process and job. The workers read its last view, and never wait for it."""

    def __init__(self, connect: Connect, job_id: int, tables: tuple[int, ...], throttle: Throttle) -> None:
        super().__init__(name="lockgate-watch", daemon=True)
        self._connect = connect
        self._job_id = job_id
        self._tables = tables
        self._throttle = throttle
        self._connection: Connection | None = None
        self._ended = threading.Event()
        self._lock = threading.Lock()
        self._verdict = Verdict(None, "not looked yet")
        self._orders: Orders | None = None
        self._seen = now()
        self.pulses: list[Pulse] = []
        self.fellows = 1
        self.interval = 1.0

    @property
    def orders(self) -> Orders | None:
        """The wishes and settings as last read; None when the job is gone."""
        return self._orders

    @property
    def verdict(self) -> Verdict:
        """Whether the next chunk may begin."""
        if now() - self._seen > STALE_SECONDS:
            return Verdict(None, f"the server has not answered the watch for {STALE_SECONDS:.0f} s")
        return self._verdict

    def look(self) -> None:
        """Look once; a failure of the connection stops the walk and is tried again at the next look."""
        with self._lock:
            self._look()

    def _look(self) -> None:
        try:
            connection = self._open()
            self._orders = read_orders(connection, self._job_id)
            if self._orders is not None:
                self._verdict = self._judge(connection, self._orders)
                self._tell(connection)
        except (psycopg.Error, ConnectionFailedError):
            self._verdict = Verdict(None, "the server cannot be asked how it is")
            self._close()
        self._seen = now()

    def run(self) -> None:
        """Look until :meth:`end`."""
        while not self._ended.wait(self.interval):
            self.look()
        self._bow_out()

    def end(self) -> None:
        """Stop looking, and take the workers out of the books."""
        self._ended.set()
        if self.is_alive():
            self.join(5.0)

    def _judge(self, connection: Connection, orders: Orders) -> Verdict:
        if orders.status != "running" or orders.desired != "run":
            return GO
        situation = Situation(
            connection=connection,
            tables=self._tables,
            owners=(*(pulse.pid for pulse in self.pulses), connection.info.backend_pid),
            limits=Limits.from_mapping(orders.settings.limits),
            major=connection.info.server_version // 10000,
            now=now(),
        )
        return self._throttle.judge(situation, orders.settings.quiet_hours)

    def _tell(self, connection: Connection) -> None:
        reason = self._verdict.reason or None
        for pulse in self.pulses:
            heartbeat(connection, self._job_id, pulse.owner, pulse.size, pulse.chunk_ms, pulse.rate(), reason)
        row = connection.execute(
            "SELECT count(*) FROM lockgate.backfill_worker"
            " WHERE job_id = %s AND seen_at > clock_timestamp() - interval '10 seconds'",
            [self._job_id],
        ).fetchone()
        self.fellows = max(1, row[0] if row else 1)

    def _open(self) -> Connection:
        if self._connection is None or self._connection.closed:
            self._connection = prepare(self._connect(), statement_timeout_ms=5_000)
        return self._connection

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = None

    def _bow_out(self) -> None:
        try:
            connection = self._open()
            for pulse in self.pulses:
                farewell(connection, self._job_id, pulse.owner)
        except (psycopg.Error, ConnectionFailedError):
            self._close()  # whoever reads the books sees by the time that the workers are gone
        self._close()


def prepare(connection: Connection, *, statement_timeout_ms: int, **settings: str) -> Connection:
    """Give a session the settings of a walk, whatever its role or database has set."""
    connection.autocommit = True
    values = {
        "statement_timeout": str(statement_timeout_ms),
        "lock_timeout": "1000",
        "idle_in_transaction_session_timeout": "60000",
        "idle_session_timeout": "0",
        "default_transaction_isolation": "read committed",
        "default_transaction_read_only": "off",
        "application_name": "lockgate backfill",
        **settings,
    }
    for name, value in values.items():
        connection.execute("SELECT set_config(%s, %s, false)", [name, value])
    return connection
