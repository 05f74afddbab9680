"""The books of a job in the database: leases on ranges, cursors, rows set aside. Thin over the server's functions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal

from psycopg.rows import class_row

from lockgate.chunks.job import Job, Settings
from lockgate.chunks.table import Connection


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to work on one range, until ``token`` is outdone by a later holder."""

    range_id: int
    token: int
    kind: Literal["walk", "verify"]
    source: int | None
    pass_number: int
    chunk_size: int | None


@dataclass(frozen=True, slots=True)
class Step:
    """One chunk: rows changed, units walked, whether the range is finished, and what the people want now."""

    changed: int
    units: int
    finished: bool
    desired: str


@dataclass(frozen=True, slots=True)
class Opened:
    """A chunk that was begun in the caller's transaction: its rows lie behind ``after_key``, up to ``upto_key``."""

    after_key: list[str] | None
    upto_key: list[str] | None
    units: int
    finished: bool
    desired: str


class Ledger:
    """The books of one job through one connection, which is in autocommit."""

    def __init__(self, connection: Connection, job: Job, owner: str) -> None:
        self.connection = connection
        self.job = job
        self.owner = owner
        self.lease_time = timedelta(seconds=job.settings.lease_seconds)

    def claim(self) -> Lease | None:
        """Take a range that nobody holds, or None when there is none; the verification comes when all is walked."""
        with self.connection.cursor(row_factory=class_row(Lease)) as cursor:
            return cursor.execute(
                "SELECT id AS range_id, lease_token AS token, kind, source, pass AS pass_number, chunk_size"
                " FROM lockgate.backfill_claim(%s, %s, %s)",
                [self.job.id, self.owner, self.lease_time],
            ).fetchone()

    def step(self, lease: Lease, size: int) -> Step:
        """Run one chunk in its own transaction."""
        with self.connection.cursor(row_factory=class_row(Step)) as cursor:
            step = cursor.execute(
                "SELECT * FROM lockgate.backfill_step(%s, %s, %s, %s)",
                [lease.range_id, lease.token, size, self.lease_time],
            ).fetchone()
        assert step is not None
        return step

    def open(self, lease: Lease, size: int) -> Opened:
        """Begin a chunk whose rows the caller changes, in the caller's transaction."""
        with self.connection.cursor(row_factory=class_row(Opened)) as cursor:
            opened = cursor.execute(
                "SELECT * FROM lockgate.backfill_open(%s, %s, %s)", [lease.range_id, lease.token, size]
            ).fetchone()
        assert opened is not None
        return opened

    def close(self, lease: Lease, opened: Opened, changed: int, size: int) -> None:
        """Move the cursor, in the same transaction as :meth:`open`."""
        self.connection.execute(
            "SELECT lockgate.backfill_close(%s, %s, %s, %s, %s, %s, %s, %s)",
            [
                *(lease.range_id, lease.token, opened.upto_key, opened.units, changed, opened.finished),
                *(size, self.lease_time),
            ],
        )

    def set_aside(self, lease: Lease, sqlstate: str, reason: str) -> int:
        """Pass over the next row and note its key; returns how many were set aside in this sweep."""
        return int(
            self._value(
                "SELECT lockgate.backfill_set_aside(%s, %s, %s, %s, %s)",
                [lease.range_id, lease.token, sqlstate, reason, self.lease_time],
            )
        )

    def moved(self, lease: Lease) -> None:
        """Walk a relation anew whose rows have moved."""
        self._value("SELECT lockgate.backfill_moved(%s)", [lease.range_id])

    def verify(self, lease: Lease) -> str:
        """Count what is left: ``done``, ``incomplete``, ``sweep`` (more was to do), or what the people want instead."""
        return str(
            self._value(
                "SELECT lockgate.backfill_verify(%s, %s, %s)",
                [lease.range_id, lease.token, self.job.settings.sweeps],
            )
        )

    def release(self, lease: Lease) -> None:
        """Give a range back."""
        self._value("SELECT lockgate.backfill_release(%s, %s)", [lease.range_id, lease.token])

    def renew(self, lease: Lease) -> bool:
        """Keep a range while nothing is done with it; False when it was taken over."""
        row = self.connection.execute(
            "UPDATE lockgate.backfill_range SET lease_until = clock_timestamp() + %s"
            " WHERE id = %s AND lease_token = %s",
            [self.lease_time, lease.range_id, lease.token],
        )
        return row.rowcount == 1

    def fail(self, message: str) -> None:
        """Stop the whole job with an error."""
        self.connection.execute(
            "UPDATE lockgate.backfill_job SET status = 'failed', error = %s, finished_at = clock_timestamp()"
            " WHERE id = %s AND status = 'running'",
            [message, self.job.id],
        )

    def _value(self, query: Any, values: list[Any]) -> Any:
        row = self.connection.execute(query, values).fetchone()
        assert row is not None
        return row[0]


@dataclass(frozen=True, slots=True)
class Orders:
    """What a runner has to know between chunks."""

    desired: str
    status: str
    settings: Settings


def read_orders(connection: Connection, job_id: int) -> Orders | None:
    """The wishes and the state of a job now; None when it was deleted."""
    row = connection.execute(
        "SELECT desired, status, settings FROM lockgate.backfill_job WHERE id = %s", [job_id]
    ).fetchone()
    return Orders(row[0], row[1], Settings.from_json(row[2])) if row else None


def heartbeat(
    connection: Connection,
    job_id: int,
    owner: str,
    size: int,
    chunk_ms: float,
    rate: float,
    throttled_by: str | None,
) -> None:
    """Tell the others that a worker is alive, and what it does."""
    connection.execute(
        "INSERT INTO lockgate.backfill_worker (job_id, owner, chunk_size, chunk_ms, rows_per_second, throttled_by)"
        " VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT (job_id, owner) DO UPDATE SET seen_at = clock_timestamp(),"
        " chunk_size = EXCLUDED.chunk_size, chunk_ms = EXCLUDED.chunk_ms,"
        " rows_per_second = EXCLUDED.rows_per_second, throttled_by = EXCLUDED.throttled_by",
        [job_id, owner, size, chunk_ms, rate, throttled_by],
    )


def farewell(connection: Connection, job_id: int, owner: str) -> None:
    """Take a worker out of the books."""
    connection.execute(
        "DELETE FROM lockgate.backfill_worker WHERE job_id = %s AND owner = %s", [job_id, owner]
    )
