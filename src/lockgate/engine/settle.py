"""Settles what happened to a transaction whose commit was not answered."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import psycopg

from lockgate.engine.session import Session
from lockgate.errors import NeedsPersonError


def remember(session: Session, row_ids: Sequence[int]) -> None:
    """Keep the number of the current transaction and the rows that it writes into the journal."""
    row = session.connection.execute("SELECT pg_current_xact_id()::text").fetchone()
    assert row is not None
    session.last_transaction = (row[0], tuple(row_ids))


def was_committed(session: Session, limit: float = 60.0) -> bool:
    """Whether the remembered transaction was committed; waits while the server still works on it.

    The journal rows were written by the same transaction, so their presence is the proof when the server has already
    forgotten the number. Raises NeedsPersonError when the old backend does not end within ``limit`` seconds.
    """
    if session.last_transaction is None:
        return False
    number, row_ids = session.last_transaction
    deadline = time.monotonic() + limit
    while (status := _status(session.connection, number)) == "in progress":
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
    if status is not None:
        return status == "committed"
    row = session.connection.execute(
        "SELECT count(*) FROM lockgate.step WHERE id = ANY(%s) AND status = 'done'", [list(row_ids)]
    ).fetchone()
    return row is not None and row[0] == len(row_ids)


def _status(connection: psycopg.Connection[Any], number: str) -> str | None:
    row = connection.execute("SELECT pg_xact_status(%s::text::xid8)", [number]).fetchone()
    return row[0] if row else None


def is_alive(connection: psycopg.Connection[Any]) -> bool:
    """Whether a connection still answers."""
    try:
        connection.execute("SELECT 1")
    except psycopg.Error:
        return False
    return True
