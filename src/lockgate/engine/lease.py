"""The right to change a target: one runner has it, the others get a clear answer.

Two things make it hold. A session-level advisory lock on the lease connection is atomic and vanishes with its holder.
A fencing token in ``lockgate.lease`` grows with every holder and is checked, under a share lock, in the transaction of
each step: a runner that was paused and wakes up finds a larger token and stops.
"""

from __future__ import annotations

import getpass
import os
import socket
import time
from typing import Any, Final

import psycopg

from lockgate.engine.session import Session, application_name
from lockgate.errors import LeaseHeldError, NeedsPersonError
from lockgate.journal.reader import JournalReader
from lockgate.sql import queries

_KEY: Final = 0x6C6B67743A6C7365


class Lease:
    """The lease of one run on one target, held by a connection of its own."""

    def __init__(self, session: Session, token: int) -> None:
        self.session = session
        self.token = token
        # No statement of a migration ever runs here, so nothing can take prepared statements away.
        self.session.connection.prepare_threshold = 1

    def release(self) -> None:
        """Give the lease back; also happens by itself when the connection ends."""
        if not self.session.connection.closed:
            self.session.connection.execute("SELECT pg_advisory_unlock(%s)", [_KEY])

    def retake(self) -> None:
        """Take the lease again after the connection was lost; raises LeaseHeldError when somebody else has it now."""
        self.session.reconnect()
        self.session.connection.prepare_threshold = 1
        _lock(self.session.connection)
        row = self.session.connection.execute("SELECT token FROM lockgate.lease").fetchone()
        if row is None or row[0] != self.token:
            raise fenced()


def take(session: Session, *, orphan_wait: float = 30.0, above: int = 0) -> Lease:
    """Take the lease on a session of its own.

    Waits up to ``orphan_wait`` seconds for statements of a killed runner that the server still executes. Raises
    LeaseHeldError when another runner is alive, NeedsPersonError when an orphan does not end. The token is larger than
    ``above``, which was given by a journal that is not there any more.
    """
    connection = session.connection
    _lock(connection)
    _wait_for_orphans(session, orphan_wait)
    row = connection.execute(
        "UPDATE lockgate.lease SET token = greatest(token, %s) + 1, run_id = %s, holder = %s,"
        " acquired_at = clock_timestamp() RETURNING token",
        [above, session.run_id, holder()],
    ).fetchone()
    assert row is not None
    return Lease(session, row[0])


def holder() -> str:
    """Who we are, for others to read: user, host and process."""
    return f"{getpass.getuser()}@{socket.gethostname()} (process {os.getpid()})"


def fenced() -> LeaseHeldError:
    """The error of a runner that finds that another one has taken over."""
    return LeaseHeldError(
        "Another runner has taken over this database; this one stops.",
        state="what this run had committed stays; the other run goes on from there",
        why="this process was paused or cut off for so long that its lease was given to somebody else",
        next_steps=["lockgate status   shows what is applied"],
    )


_GRACE: Final = 2.0
"""Seconds in which a holder that has just died may still seem alive to the server."""


def _lock(connection: psycopg.Connection[Any]) -> None:
    deadline = time.monotonic() + _GRACE
    while True:
        row = connection.execute("SELECT pg_try_advisory_lock(%s)", [_KEY]).fetchone()
        if row and row[0]:
            return
        if time.monotonic() > deadline:
            raise _held(connection)
        time.sleep(0.1)


def _held(connection: psycopg.Connection[Any]) -> LeaseHeldError:
    record = JournalReader(connection).lease()
    since = f" since {record.acquired_at:%Y-%m-%d %H:%M:%S %Z}" if record and record.acquired_at else ""
    who = record.holder if record and record.holder else "another runner"
    return LeaseHeldError(
        f"{who} is at work on this database{since}.",
        state="nothing was changed by this command",
        next_steps=[
            "wait until it has ended, then run the same command again",
            "lockgate locks   shows what it is doing",
        ],
    )


def _wait_for_orphans(session: Session, limit: float) -> None:
    deadline = time.monotonic() + limit
    while orphans := _orphans(session):
        if time.monotonic() > deadline:
            raise _orphans_stay(orphans)
        time.sleep(0.2)


def _orphans(session: Session) -> list[tuple[int, str, float, str]]:
    rows = session.connection.execute(
        queries.read("lockgate.engine", "orphans"), [application_name(session.run_id)]
    ).fetchall()
    return [(pid, name, float(seconds), query) for pid, name, seconds, query in rows]


def _orphans_stay(orphans: list[tuple[int, str, float, str]]) -> NeedsPersonError:
    pid, _, seconds, query = orphans[0]
    return NeedsPersonError(
        "The server still executes a statement of a run whose process is gone.",
        state=f"pid {pid} has been running for {seconds:.0f} s: {query}",
        next_steps=[
            "wait until it ends (a long index build may be worth it), then run the same command again",
            f"lockgate locks --end {pid}   cancels it",
        ],
    )
