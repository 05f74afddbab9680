"""Who waits for whom on a server, as a tree whose roots wait for nobody."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import psycopg
from psycopg.rows import class_row

from lockgate.engine.blockers import without_values
from lockgate.sql import queries


@dataclass(frozen=True, slots=True)
class Waiter:
    """One session of the tree; ``wants`` and ``relation`` are set while it waits for a lock on a relation."""

    pid: int
    blocked_by: list[int]
    user: str
    application: str
    state: str
    seconds: float
    waited: float
    wants: str | None
    relation: str | None
    query: str


def read(connection: psycopg.Connection[Any]) -> tuple[Waiter, ...]:
    """Every session that waits or is waited for; queries without their literals."""
    with connection.cursor(row_factory=class_row(Waiter)) as cursor:
        found = cursor.execute(queries.read("lockgate.engine", "lock_tree")).fetchall()
    return tuple(replace(waiter, query=without_values(waiter.query)) for waiter in found)


def walk(waiters: tuple[Waiter, ...]) -> Iterator[tuple[int, Waiter]]:
    """Depth and session, each under what it waits for first; a session is visited once, cycles end."""
    seen: set[int] = set()
    roots = [waiter for waiter in waiters if not waiter.blocked_by]
    for waiter in [*roots, *waiters]:
        yield from _below(waiter, waiters, 0, seen)


def _below(
    waiter: Waiter, waiters: tuple[Waiter, ...], depth: int, seen: set[int]
) -> Iterator[tuple[int, Waiter]]:
    if waiter.pid in seen:
        return
    seen.add(waiter.pid)
    yield depth, waiter
    for other in waiters:
        if waiter.pid in other.blocked_by:
            yield from _below(other, waiters, depth + 1, seen)


def end(connection: psycopg.Connection[Any], pid: int) -> bool:
    """Cancel what a session does; when it is idle in a transaction, end the session. False when it is not there."""
    row = connection.execute(
        "SELECT CASE WHEN state LIKE 'idle%%' THEN pg_terminate_backend(pid) ELSE pg_cancel_backend(pid) END"
        " FROM pg_catalog.pg_stat_activity WHERE pid = %s AND backend_type = 'client backend'",
        [pid],
    ).fetchone()
    return bool(row and row[0])
