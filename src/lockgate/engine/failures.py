"""Sorts what can go wrong on a server into what the engine can do about it."""

from __future__ import annotations

import enum

import psycopg

from lockgate.sql.messages import KEPT


class Failure(enum.Enum):
    """What an error means for the run."""

    LOCK = "the lock was not granted in time"
    DEADLOCK = "a deadlock with another session"
    SERIALIZATION = "a concurrent change"
    CANCELLED = "the statement was cancelled"
    TIMEOUT = "the statement took longer than its time-out"
    LOST = "the connection was lost"
    STARTING = "the server is not ready"
    CONNECTIONS = "the server has no free connection"
    READ_ONLY = "the server accepts no writes"
    DISK_FULL = "the server's disk is full"
    MEMORY = "the server ran out of memory or of room for locks"
    LIMIT = "a limit that is configured on the server was reached"
    DAMAGE = "the server reports that its storage or its data are damaged"
    PERMISSION = "this role may not do that"
    DATA = "the data does not fit"
    CACHED_PLAN = "a cached plan does not fit the table any more"
    SQL = "the statement is wrong for this schema"


_BY_STATE = {
    "55P03": Failure.LOCK,
    "40P01": Failure.DEADLOCK,
    "40001": Failure.SERIALIZATION,
    "57014": Failure.CANCELLED,
    "57P01": Failure.LOST,
    "57P02": Failure.LOST,
    "57P03": Failure.STARTING,
    "57P05": Failure.LOST,
    "25P03": Failure.LOST,
    "25P04": Failure.TIMEOUT,
    "25006": Failure.READ_ONLY,
    "53100": Failure.DISK_FULL,
    "53200": Failure.MEMORY,
    "53300": Failure.CONNECTIONS,
    "53400": Failure.LIMIT,
    "42501": Failure.PERMISSION,
}
_BY_CLASS = {
    "08": Failure.LOST,
    "22": Failure.DATA,
    "23": Failure.DATA,
    "28": Failure.PERMISSION,
    "53": Failure.LIMIT,
    "58": Failure.DAMAGE,
    "XX": Failure.DAMAGE,
}

WORTH_RETRYING = frozenset({Failure.LOCK, Failure.DEADLOCK, Failure.SERIALIZATION})
"""The transaction was rolled back, and the same statement may well succeed a moment later."""


def classify(error: psycopg.Error, connection: psycopg.Connection[object] | None = None) -> Failure:
    """What kind of failure an error is.

    A server that crashes leaves an error without SQLSTATE behind, so a broken connection counts before the code. No
    word of the server counts, for they may be in any language; names that it quotes do. On a ``connection`` outside of
    a transaction a time-out is told from a cancellation, which has the same code.
    """
    state = error.sqlstate
    if state == "57014" and connection is not None and _timed_out(error, connection):
        return Failure.TIMEOUT
    if state == "26000" and ("_pg3_" in str(error) or KEPT in str(error)):
        # Something in the migration has deallocated what the journal's statements were prepared as.
        return Failure.LOST
    if state in _BY_STATE:
        return _BY_STATE[state]
    if connection is not None and connection.broken:
        return Failure.LOST
    if state is None:
        return Failure.LOST if isinstance(error, psycopg.OperationalError) else Failure.SQL
    if state == "0A000" and error.diag.source_function == "RevalidateCachedQuery":
        return Failure.CACHED_PLAN
    return _BY_CLASS.get(state[:2], Failure.SQL)


def _timed_out(error: psycopg.Error, connection: psycopg.Connection[object]) -> bool:
    """Whether the server complains from the place where it complains of a time-out: it is made to do so once more.

    Both errors come from one function of the server, ProcessInterrupts, and from lines that differ by its version.
    """
    try:
        with connection.transaction():
            connection.execute("SET LOCAL statement_timeout = 1")
            connection.execute("SELECT pg_catalog.pg_sleep(60)")
    except psycopg.errors.QueryCanceled as sample:
        return _place(sample) == _place(error)
    except psycopg.Error:
        pass
    return False


def _place(error: psycopg.Error) -> str | None:
    """Where in the server's source an error was raised; what it says, where something in between keeps that back."""
    return error.diag.source_line or error.diag.message_primary


def message_of(error: psycopg.Error) -> str:
    """The server's message without row contents: DETAIL lines, which quote rows, are left out."""
    primary = error.diag.message_primary
    text = primary or str(error).strip().split("\n", 1)[0] or type(error).__name__
    hint = error.diag.message_hint
    state = f" (SQLSTATE {error.sqlstate})" if error.sqlstate else ""
    return f"{text}{state}" + (f". {hint}" if hint else "")
