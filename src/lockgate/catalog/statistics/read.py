"""Reads the statistics of a target: catalog and counters only; no table of the user's is opened.

Counters are read twice with some time in between, which the calibration fills where it is wanted. The texts of counted
statements are handed back beside the statistics, because only who knows the schema can tell which relations they touch.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import psycopg
from psycopg.rows import dict_row

from lockgate.catalog.statistics.calibrate import calibrate
from lockgate.catalog.statistics.model import (
    Calibration,
    Holder,
    IndexStatistics,
    Rate,
    Server,
    Statistics,
    TableStatistics,
)
from lockgate.redaction import redact
from lockgate.sql import queries
from lockgate.sql.identifiers import quote

Connection = psycopg.Connection[Any]
Row = dict[str, Any]

TRIES: Final = 3
"""A table may be locked between the look at the locks and the question for its size."""


@dataclass(frozen=True, slots=True)
class Counted:
    """One counted statement with its text, which must not be kept: it goes no further than the parser."""

    id: str
    calls: Rate
    mean_seconds: float | None
    text: str


@dataclass(frozen=True, slots=True)
class _Sample:
    """Counters at one moment of the server's clock, by oid and by the id of the statement."""

    at: float
    tables: Mapping[int, tuple[int, int]]
    calls: Mapping[str, int]


def read(
    connection: Connection, target: str, *, seconds: float = 1.0, measure: bool = True
) -> tuple[Statistics, tuple[Counted, ...]]:
    """The statistics of a target, and the statements that it counted.

    ``connection`` is in autocommit mode. The counters are compared over ``seconds`` (0: not at all); ``measure``
    calibrates meanwhile. Takes no lock on relations of the user's beyond ACCESS SHARE for the moment in which the
    server looks up the size of a file.
    """
    remarks: list[str] = []
    begun = time.monotonic()
    server = _server(connection, remarks)
    schema = _counting_schema(connection, remarks)
    before = _sample(connection, schema)
    calibration = _calibration(connection, remarks) if measure else None
    tables, indexes = _sizes(connection)
    time.sleep(max(0.0, seconds - (time.monotonic() - begun)))
    after = _sample(connection, schema) if seconds > 0 else before
    statistics = Statistics(
        target=target,
        taken_at=datetime.now(UTC).isoformat(timespec="seconds"),
        server=server,
        tables=_tables(tables, indexes, server, before, after),
        counts_queries=schema is not None,
        holders=_holders(connection),
        calibration=calibration,
        sampled_seconds=round(after.at - before.at, 3),
        remarks=tuple(remarks),
    )
    return statistics, _counted(connection, schema, before, after)


def _ask(connection: Connection, name: str, schema: str | None = None) -> list[Row]:
    text = queries.read("lockgate.catalog.statistics", name)
    if schema is not None:
        text = text.replace('"counting schema"', quote(schema))
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(text.encode()).fetchall()


def _server(connection: Connection, remarks: list[str]) -> Server:
    (row,) = _ask(connection, "server")
    if not row.pop("sees_everybody"):
        remarks.append(
            "this role does not see the transactions of others; GRANT pg_read_all_stats to it shows them"
        )
    if row["counted_seconds"] is None:
        remarks.append(
            "the server's counters have no beginning; only what happened while we looked is counted"
        )
    return Server(**row)


def _counting_schema(connection: Connection, remarks: list[str]) -> str | None:
    """The schema of ``pg_stat_statements`` where it is installed and loaded."""
    found = _ask(connection, "counting_schema")
    if not found:
        remarks.append("pg_stat_statements is not installed; queries are estimated from the tables' counters")
        return None
    schema = str(found[0]["nspname"])
    try:
        _ask(connection, "statements_age", schema)
        _ask(connection, "statement_calls", schema)
    except psycopg.Error:
        remarks.append(
            "pg_stat_statements does not count here; queries are estimated from the tables' counters"
        )
        return None
    return schema


def _sample(connection: Connection, schema: str | None) -> _Sample:
    row = connection.execute(queries.read("lockgate.catalog.statistics", "clock").encode()).fetchone()
    assert row is not None
    tables = {row["oid"]: (row["scans"], row["row_writes"]) for row in _ask(connection, "counters")}
    rows = _ask(connection, "statement_calls", schema) if schema is not None else []
    return _Sample(row[0], tables, {row["id"]: row["calls"] for row in rows})


def _calibration(connection: Connection, remarks: list[str]) -> Calibration | None:
    try:
        return calibrate(connection)
    except psycopg.Error as error:
        reason = (error.diag.message_primary or type(error).__name__).splitlines()[0]
        remarks.append(f"not calibrated: {redact(reason)}")
        return None


def _sizes(connection: Connection) -> tuple[list[Row], list[Row]]:
    """Sizes of tables and indexes; asked again when a table was locked just as we came to it."""
    for attempt in range(TRIES):
        try:
            return _ask(connection, "tables"), _ask(connection, "indexes")
        except psycopg.errors.LockNotAvailable:
            if attempt == TRIES - 1:
                raise
    raise AssertionError("not reached")


def _tables(
    tables: Sequence[Row], indexes: Sequence[Row], server: Server, before: _Sample, after: _Sample
) -> tuple[TableStatistics, ...]:
    owned: dict[int, list[IndexStatistics]] = {}
    for row in indexes:
        found = IndexStatistics(row["name"], row["bytes"] or 0, row["method"])
        owned.setdefault(row["table_oid"], []).append(found)
    made = []
    for row in tables:
        first, last = before.tables.get(row["oid"]), after.tables.get(row["oid"])
        elapsed = after.at - before.at
        scans, writes = (
            rate(first and first[side], last and last[side], elapsed, server.counted_seconds)
            for side in (0, 1)
        )
        made.append(
            TableStatistics(
                name=row["name"],
                bytes=row["bytes"] or 0,
                rows=estimated_rows(row, server.block_size),
                toast_bytes=row["toast_bytes"] or 0,
                scans=scans,
                row_writes=writes,
                indexes=tuple(owned.get(row["oid"], ())),
            )
        )
    return tuple(made)


def estimated_rows(row: Row, block_size: int) -> int | None:
    """The rows of a table as the planner would guess them: the density at the last ANALYZE times the present pages."""
    if row["kind"] == "p":
        return None
    pages = (row["bytes"] or 0) / block_size
    if row["reltuples"] >= 0 and row["relpages"] > 0:
        return round(float(row["reltuples"]) / int(row["relpages"]) * pages)
    if row["live_rows"]:
        return int(row["live_rows"])
    return 0 if pages == 0 else None


def rate(first: int | None, last: int | None, elapsed: float, age: float | None) -> Rate:
    """A counter's two values as a rate; what was reset in between, or never counted, says nothing."""
    if last is None:
        return Rate()
    recent = None
    if first is not None and elapsed > 0 and last >= first:
        recent = round((last - first) / elapsed, 3)
    average = round(last / age, 3) if age and age >= 1 else None
    return Rate(average, recent)


def _holders(connection: Connection) -> tuple[Holder, ...]:
    return tuple(_holder(row) for row in _ask(connection, "activity"))


def _holder(row: Row) -> Holder:
    """One transaction; what its client calls itself is free text, so that passwords are looked for in it."""
    row["locks"] = tuple((name, mode) for name, mode in row["locks"])
    for key in ("application", "prepared_as"):
        row[key] = redact(row[key])
    for key in ("seconds", "idle_seconds"):
        row[key] = round(row[key] or 0.0, 1)
    return Holder(**row)


def _counted(
    connection: Connection, schema: str | None, before: _Sample, after: _Sample
) -> tuple[Counted, ...]:
    if schema is None:
        return ()
    age = _ask(connection, "statements_age", schema)
    counted = next(iter(age[0].values())) if age else None
    elapsed = after.at - before.at
    return tuple(
        Counted(
            row["id"],
            rate(before.calls.get(row["id"], 0), after.calls.get(row["id"], row["calls"]), elapsed, counted),
            row["mean_seconds"],
            row["text"],
        )
        for row in _ask(connection, "statements", schema)
    )
