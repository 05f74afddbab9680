"""How fast a server reads, rewrites and indexes rows: measured for well under a second on a temporary table.

The operations are the very statements whose duration is wanted. The table is made and dropped in one transaction that
is rolled back: no other session sees it, no lock is taken on anything of the user's, and, as for every temporary table,
no write-ahead log is written. The clock is the server's, so that a slow line does not count.
"""

from __future__ import annotations

import time
from itertools import pairwise
from typing import Any, Final

import psycopg

from lockgate.catalog.statistics.model import Calibration
from lockgate.sql import queries

FILLING_SECONDS: Final = 0.25
"""Filling stops after this time; the rest takes about as long again."""

FIRST_ROWS: Final = 4_000
MOST_ROWS: Final = 400_000
_LIMITS: Final = "SET LOCAL statement_timeout = '2s'; SET LOCAL lock_timeout = '100ms'; SET LOCAL jit = off"


class _DoneError(Exception):
    """Ends the transaction of the measurement: everything is measured, nothing is to stay."""


def calibrate(connection: psycopg.Connection[Any]) -> Calibration:
    """Measure; the connection must be in autocommit mode. Raises psycopg.Error where the server does not allow it."""
    measured: list[Calibration] = []
    try:
        with connection.transaction():
            measured.append(_measure(connection))
            raise _DoneError
    except _DoneError:
        return measured[0]


def _measure(connection: psycopg.Connection[Any]) -> Calibration:
    begun = time.monotonic()
    connection.execute(_LIMITS)
    connection.execute(_query("calibrate_begin"))
    rows = _fill(connection)
    size = _size(connection)
    scan = min(_times(connection, "calibrate_scan"))
    (rewrite,) = _times(connection, "calibrate_rewrite")
    (index,) = _times(connection, "calibrate_index")
    return Calibration(
        rows=rows,
        bytes=size,
        scan_bytes=round(size / scan),
        scan_rows=round(rows / scan),
        rewrite_bytes=round(size / rewrite),
        rewrite_rows=round(rows / rewrite),
        index_rows=round(rows / index),
        seconds=round(time.monotonic() - begun, 3),
    )


def _fill(connection: psycopg.Connection[Any]) -> int:
    """Fill the table in growing batches until it took long enough to measure; returns the number of rows."""
    deadline = time.monotonic() + FILLING_SECONDS
    rows, batch = 0, FIRST_ROWS
    while rows < MOST_ROWS and (rows == 0 or time.monotonic() < deadline):
        connection.execute(_query("calibrate_fill"), [rows + 1, rows + batch])
        rows += batch
        batch = min(rows, MOST_ROWS - rows)
    return rows


def _size(connection: psycopg.Connection[Any]) -> int:
    row = connection.execute(_query("calibrate_size")).fetchone()
    assert row is not None
    return int(row[0])


def _times(connection: psycopg.Connection[Any], name: str) -> list[float]:
    """Run statements that ask for the time in between; the seconds from each answer to the next."""
    moments = []
    with connection.cursor() as cursor:
        cursor.execute(_query(name))
        while True:
            if cursor.description:
                moments += [row[0] for row in cursor.fetchall()]
            if not cursor.nextset():
                break
    return [max((after - before).total_seconds(), 1e-6) for before, after in pairwise(moments)]


def _query(name: str) -> Any:
    return queries.read("lockgate.catalog.statistics", name)
