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

    A server that crashes leaves an error without SQLSTATE behind, so a broken connection counts before the code.
    """
    state = error.sqlstate
    if state == "57014" and "statement timeout" in str(error):
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
    if state == "0A000" and "cached plan" in str(error):
        return Failure.CACHED_PLAN
    return _BY_CLASS.get(state[:2], Failure.SQL)


def message_of(error: psycopg.Error) -> str:
    """The server's message without row contents: DETAIL lines, which quote rows, are left out."""
    primary = error.diag.message_primary
    text = primary or str(error).strip().split("\n", 1)[0] or type(error).__name__
    hint = error.diag.message_hint
    state = f" (SQLSTATE {error.sqlstate})" if error.sqlstate else ""
    return f"{text}{state}" + (f". {hint}" if hint else "")
