"""Settles what happened to a transaction whose commit was not answered.

The transaction wrote rows of the run into the journal: if they are there, it was committed. Its number alone proves
nothing, because a server that crashed may give the number of a lost transaction to another one; it only tells for how
long the old backend is still busy.
"""

from __future__ import annotations

import time
from typing import Any

import psycopg

from lockgate.engine.session import Session
from lockgate.errors import NeedsPersonError


def was_committed(session: Session, limit: float = 60.0) -> bool:
    """Whether the last transaction that wrote intents was committed; waits while the server still works on it.

    Raises NeedsPersonError when the old backend does not end within ``limit`` seconds.
    """
    if session.last_transaction is None:
        return False
    number, row_ids = session.last_transaction
    deadline = time.monotonic() + limit
    while _is_busy(session.connection, number):
        if time.monotonic() > deadline:
            raise NeedsPersonError(
                f"The server is still busy with the transaction {number} whose connection was lost.",
                state="that transaction may still commit",
                next_steps=[
                    "lockgate locks   shows its session",
                    "run the same command again when it has ended",
                ],
            )
        time.sleep(0.2)
    row = session.connection.execute(
        "SELECT count(*) FROM lockgate.step"
        " WHERE id = ANY(%s) AND run_id = %s AND transaction_id = %s::text::xid8 AND status = 'done'",
        [list(row_ids), session.run_id, number],
    ).fetchone()
    return row is not None and row[0] == len(row_ids)


def _is_busy(connection: psycopg.Connection[Any], number: str) -> bool:
    """Whether a transaction is under way; one with a number that the server has not given out yet is not."""
    try:
        row = connection.execute("SELECT pg_xact_status(%s::text::xid8)", [number]).fetchone()
    except psycopg.errors.InvalidParameterValue:
        return False
    return row is not None and row[0] == "in progress"


def is_alive(connection: psycopg.Connection[Any]) -> bool:
    """Whether a connection still answers."""
    try:
        connection.execute("SELECT 1")
    except psycopg.Error:
        return False
    return True
