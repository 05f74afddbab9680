"""Works through the ranges of a job, chunk by chunk, until there is nothing left or somebody says stop."""

from __future__ import annotations

import contextlib
import random
import threading
import time
from collections.abc import Callable
from typing import Protocol, TypeVar

import psycopg

from lockgate.chunks.failures import Remedy, describe, remedy
from lockgate.chunks.job import Job, Settings
from lockgate.chunks.ledger import Lease, Ledger, Step
from lockgate.chunks.size import ChunkSizer
from lockgate.chunks.table import Connection
from lockgate.chunks.watch import Connect, Pulse, Watch, prepare
from lockgate.errors import ConnectionFailedError, LockgateError

T = TypeVar("T")

RECONNECT_SECONDS = 120.0
"""How long a lost server is waited for."""
_PATIENCE_TRIES = 12
"""How often a single locked row is tried before it is left to the sweep."""


class Performer(Protocol):
    """Carries out one chunk: in the server for SQL, in this process for Python functions."""

    def perform(self, ledger: Ledger, lease: Lease, size: int) -> Step:
        """Change the rows of the next chunk and move the cursor, in one transaction."""


class InServer:
    """Lets the server do the chunk in one round trip."""

    def perform(self, ledger: Ledger, lease: Lease, size: int) -> Step:
        """Call the server's function."""
        return ledger.step(lease, size)


class Worker:
    """One connection that works on one range at a time."""

    def __init__(
        self,
        connect: Connect,
        job: Job,
        owner: str,
        watch: Watch,
        stopped: threading.Event,
        performer: Performer,
        reconnect_seconds: float = RECONNECT_SECONDS,
    ) -> None:
        self._connect = connect
        self._job = job
        self._watch = watch
        self._stopped = stopped
        self._performer = performer
        self._reconnect_seconds = reconnect_seconds
        self._lease: Lease | None = None
        self._tries = 0
        self.pulse = Pulse(owner)
        self._sizer = _sizer(job.settings)
        self._ledger: Ledger | None = None
        self._renewed = time.monotonic()

    def run(self) -> None:
        """Work until the job has ended or the worker is told to stop; raises LockgateError when it cannot go on."""
        failure: psycopg.Error | None = None
        try:
            while not self._stopped.is_set() and self._wanted():
                failure = self._attempt(failure)
        finally:
            self._let_go()

    def _attempt(self, failure: psycopg.Error | None) -> psycopg.Error | None:
        try:
            if failure is not None:
                _RECOVERIES[remedy(failure)](self, failure)
            else:
                self._turn(self._ledger or self._connected())
        except psycopg.Error as error:
            return error
        return None

    def _wanted(self) -> bool:
        orders = self._watch.orders
        return orders is not None and orders.status == "running" and orders.desired != "cancel"

    def _turn(self, ledger: Ledger) -> None:
        orders, verdict = self._watch.orders, self._watch.verdict
        assert orders is not None
        if orders.desired == "pause" or verdict.stop:
            self._hold(ledger)
            return
        if self._lease is None:
            self._lease = ledger.claim()
        if self._lease is None:
            self._stopped.wait(0.1)
        elif self._lease.kind == "verify":
            self._verify(ledger, self._lease, orders.settings)
        else:
            self._sizer.limit(orders.settings.target_ms, orders.settings.largest_units())
            self._chunk(ledger, self._lease, orders.settings, verdict.rest or 0.0)

    def _chunk(self, ledger: Ledger, lease: Lease, settings: Settings, rest: float) -> None:
        size = self._sizer.size
        started = time.perf_counter()
        step = self._performer.perform(ledger, lease, size)
        milliseconds = (time.perf_counter() - started) * 1000
        if step.desired != "run":
            self._watch.look()
            return
        self._tries = 0
        self._sizer.took(milliseconds, step.units)
        self.pulse.size, self.pulse.chunk_ms = size, milliseconds
        self.pulse.changed += step.changed
        if step.finished:
            self._lease = None
        self._rest(milliseconds, step.changed, settings, rest)

    def _rest(self, milliseconds: float, changed: int, settings: Settings, rest: float) -> None:
        pause = max(settings.pause_ms, rest * milliseconds) / 1000
        if settings.rows_per_second:
            due = changed * self._watch.fellows / settings.rows_per_second
            pause = max(pause, due - milliseconds / 1000)
        while pause > 0 and not self._stopped.is_set() and self._wanted():
            self._stopped.wait(min(pause, 0.5))
            pause -= 0.5

    def _verify(self, ledger: Ledger, lease: Lease, settings: Settings) -> None:
        ledger.connection.execute("SET statement_timeout = 0")
        # What was confirmed early is on disk before the job is called done.
        ledger.connection.execute("SET synchronous_commit = on")
        ledger.verify(lease)
        ledger.release(lease)  # it may have been told to stop instead of counting
        self._lease = None
        _prepared(ledger.connection, settings)
        self._watch.look()

    def _hold(self, ledger: Ledger) -> None:
        if self._lease and time.monotonic() - self._renewed > self._job.settings.lease_seconds / 3:
            self._renewed = time.monotonic()
            if not ledger.renew(self._lease):
                self._lease = None
        self._stopped.wait(0.1)

    def _smaller(self, error: psycopg.Error) -> None:
        self._back_off()
        if self._sizer.failed():
            return
        self._tries += 1
        if self._tries >= _PATIENCE_TRIES and self._job.mode == "converges":
            self._set_aside(error)
        elif self._tries >= 10 * _PATIENCE_TRIES:
            self._fail(error, f"a single row could not be changed in {self._tries} tries: {describe(error)}")

    def _row(self, error: psycopg.Error) -> None:
        if not self._sizer.failed():
            self._set_aside(error)

    def _set_aside(self, error: psycopg.Error) -> None:
        if self._lease is None or self._ledger is None:
            return
        self._tries = 0
        count = self._ledger.set_aside(self._lease, error.sqlstate or "?????", describe(error))
        self._sizer.row_set_aside()
        if count > self._job.settings.max_skipped:
            self._fail(
                error, f"more than {self._job.settings.max_skipped} rows cannot be changed: {describe(error)}"
            )

    def _lease_lost(self, error: psycopg.Error) -> None:
        self._lease = None

    def _moved(self, error: psycopg.Error) -> None:
        if self._lease is not None and self._ledger is not None:
            self._ledger.moved(self._lease)
        self._lease = None

    def _reconnect(self, error: psycopg.Error) -> None:
        self._lease = None
        self._drop_connection()
        deadline = time.monotonic() + self._reconnect_seconds
        while not self._stopped.is_set():
            try:
                self._connected()
                self._watch.look()
                return
            except (psycopg.OperationalError, ConnectionFailedError) as again:
                if time.monotonic() > deadline:
                    raise unreachable(self._job, again) from again
                self._stopped.wait(0.5)

    def _stop(self, error: psycopg.Error) -> None:
        self._fail(error, describe(error))

    def _fail(self, error: psycopg.Error, message: str) -> None:
        if self._ledger is not None and not self._ledger.connection.closed:
            self._ledger.fail(message)
        raise LockgateError(
            f"The backfill {self._job.name} stopped: {message}.",
            state="every committed chunk stays; nothing is half-written",
            why=f"the server says {error.sqlstate}: {describe(error)}",
            next_steps=[
                f"lockgate backfill status {self._job.name}",
                f"lockgate backfill resume {self._job.name}      when the cause is gone",
            ],
        ) from error

    def _back_off(self) -> None:
        # Full jitter, so that workers which ran into each other do not do so again.
        self._stopped.wait(random.uniform(0.0, min(2.0, 0.02 * 2 ** min(self._tries, 8))))  # noqa: S311

    def _connected(self) -> Ledger:
        connection = _prepared(self._connect(), self._job.settings)
        self.pulse.pid = connection.info.backend_pid
        self._ledger = Ledger(connection, self._job, self.pulse.owner)
        return self._ledger

    def _drop_connection(self) -> None:
        if self._ledger is not None:
            self._ledger.connection.close()
        self._ledger = None

    def _let_go(self) -> None:
        if self._ledger is not None and self._lease is not None:
            with contextlib.suppress(psycopg.Error):  # if it fails, the lease runs out by itself
                self._ledger.release(self._lease)
        self._drop_connection()


_RECOVERIES: dict[Remedy, Callable[[Worker, psycopg.Error], None]] = {
    Remedy.SMALLER: Worker._smaller,
    Remedy.ROW: Worker._row,
    Remedy.LEASE_LOST: Worker._lease_lost,
    Remedy.MOVED: Worker._moved,
    Remedy.RECONNECT: Worker._reconnect,
    Remedy.STOP: Worker._stop,
}


def _sizer(settings: Settings) -> ChunkSizer:
    first = round(settings.first_rows * settings.units_per_row)
    return ChunkSizer(settings.target_ms, first, settings.largest_units())


def _prepared(connection: Connection, settings: Settings) -> Connection:
    commit = "off" if settings.asynchronous_commit else "on"
    return prepare(connection, statement_timeout_ms=settings.statement_timeout_ms, synchronous_commit=commit)


def unreachable(job: Job, error: Exception) -> ConnectionFailedError:
    """What is said when the server has not come back in :data:`RECONNECT_SECONDS`."""
    return ConnectionFailedError(
        f"The backfill {job.name} stopped: the server does not come back.",
        state="every committed chunk stays; nothing is half-written",
        why=str(error).splitlines()[0] if str(error) else None,
        next_steps=[f"lockgate backfill work {job.name}      goes on behind the last committed chunk"],
    )


def patiently(
    connect: Connect, job: Job, ask: Callable[[Connection], T], seconds: float = RECONNECT_SECONDS
) -> T:
    """The answer to a question, also when the server goes down between the last chunk and the question.

    Raises ConnectionFailedError when the server has not come back in ``seconds``.
    """
    deadline = time.monotonic() + seconds
    while True:
        try:
            with connect() as connection:
                return ask(connection)
        except (psycopg.OperationalError, ConnectionFailedError) as error:
            if time.monotonic() > deadline:
                raise unreachable(job, error) from error
            time.sleep(0.5)
