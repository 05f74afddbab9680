"""What has to be asked of the database before a statement can be run in chunks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import psycopg

from lockgate.chunks.failures import describe
from lockgate.chunks.table import Connection, Table, read_table, resolve
from lockgate.errors import UnfitTargetError, UsageError
from lockgate.migration.chunked.statement import DataStatement, function_names, relation_name
from lockgate.sql.parse import Node

_SESSION = ("search_path", "datestyle", "intervalstyle", "timezone", "extra_float_digits")
_CLEAR_CLASSES = ("42", "22", "0A", "2B", "3F", "21")


@dataclass(frozen=True, slots=True)
class Inspection:
    """The tables of a statement, the names of its volatile functions, and all aggregate and window functions."""

    target: Table
    walked: Table
    volatile: frozenset[str]
    aggregates: frozenset[str]
    session: dict[str, str]
    old_snapshot_seconds: float


def inspect(connection: Connection, statement: DataStatement) -> Inspection:
    """Look at everything that matters; raises UnfitTargetError for tables that cannot be walked or written."""
    target = read_table(connection, resolve(connection, relation_name(statement.target)))
    walked = target
    if statement.kind == "insert" and statement.walked is not None:
        walked = read_table(connection, resolve(connection, relation_name(statement.walked)))
    for table in (target, walked):
        refuse_hidden_rows(table)
    _refuse_inherited(statement, walked)
    return Inspection(
        target=target,
        walked=walked,
        volatile=_names(
            connection,
            "provolatile = 'v' AND proname = ANY (%s)",
            [sorted(function_names(statement.tree))],
        ),
        aggregates=_names(connection, "prokind IN ('a', 'w')", []),
        session=session_settings(connection),
        old_snapshot_seconds=_oldest_snapshot(connection),
    )


def same_table(connection: Connection) -> Callable[[Node, Node], bool]:
    """Tells whether two names mean one table, as this session's search path has it."""

    def same(one: Node, other: Node) -> bool:
        row = connection.execute(
            "SELECT to_regclass(%s) = to_regclass(%s)", [relation_name(one), relation_name(other)]
        ).fetchone()
        return bool(row and row[0])

    return same


def plan_whole(connection: Connection, statement: DataStatement) -> None:
    """Let the server plan the statement without running it; raises UsageError for what is wrong with it."""
    try:
        connection.execute(f"EXPLAIN {statement.sql}".encode())
    except psycopg.Error as error:
        code = error.sqlstate or ""
        if code == "42501":
            raise _no_permission(error) from error
        if code[:2] not in _CLEAR_CLASSES:
            raise
        raise UsageError(
            f"The statement does not work on this database: {error.diag.message_primary}.",
            state="nothing was changed; the statement was only planned",
            why=f"the server says {code}: {describe(error)}",
            next_steps=["correct the statement; no row has been touched"],
        ) from error


def plans(connection: Connection, sql: str, *types: str) -> bool:
    """Whether the server can plan a query that we made, with parameters of these types."""
    parameters = f" ({', '.join(types)})" if types else ""
    try:
        with connection.transaction():
            connection.execute(f"PREPARE lockgate_trial{parameters} AS {sql}".encode())
            connection.execute("DEALLOCATE lockgate_trial")
    except psycopg.errors.ProgrammingError:
        return False
    return True


def finds_any(connection: Connection, query: str, milliseconds: int) -> bool:
    """Whether a query gives a row within a time; False when the time was not enough to find one."""
    try:
        with connection.transaction():
            connection.execute(f"SET LOCAL statement_timeout = {milliseconds}".encode())
            return connection.execute(f"{query} LIMIT 1".encode()).fetchone() is not None
    except psycopg.errors.QueryCanceled:
        return False


def session_settings(connection: Connection) -> dict[str, str]:
    """The settings under which the statement means what it means here, for every later runner."""
    row = connection.execute(
        "SELECT " + ", ".join(f"current_setting('{name}')" for name in _SESSION)
    ).fetchone()
    assert row is not None
    # With row security off, a policy that would hide rows raises an error instead.
    # Our own synchronising triggers look at lockgate.backfill and leave the work to the statement.
    return {**dict(zip(_SESSION, row, strict=True)), "row_security": "off", "lockgate.backfill": "on"}


def refuse_hidden_rows(table: Table) -> None:
    """Raise UnfitTargetError where row level security would hide rows from this role."""
    if table.row_security:
        raise UnfitTargetError(
            f"Row level security of {table.name} applies to this role: rows that it hides would silently be left out.",
            state="nothing was changed",
            next_steps=["connect as the owner of the table, or as a role with BYPASSRLS"],
        )


def _refuse_inherited(statement: DataStatement, walked: Table) -> None:
    if walked.inherited and statement.walked is not None and statement.walked.get("inh"):
        raise UnfitTargetError(
            f"Other tables inherit from {walked.name}; keys are unique in each of them only.",
            state="nothing was changed",
            next_steps=["run the backfill for each table, with ONLY"],
        )


def _names(connection: Connection, condition: str, values: list[object]) -> frozenset[str]:
    rows = connection.execute(
        f"SELECT DISTINCT proname::text FROM pg_catalog.pg_proc WHERE {condition}".encode(), values
    ).fetchall()
    return frozenset(row[0] for row in rows)


def _oldest_snapshot(connection: Connection) -> float:
    row = connection.execute(
        "SELECT coalesce(max(extract(epoch FROM clock_timestamp() - since)), 0)::double precision FROM ("
        " SELECT xact_start FROM pg_catalog.pg_stat_activity WHERE backend_xmin IS NOT NULL"
        " AND pid <> pg_catalog.pg_backend_pid() AND datname = current_database()"
        " UNION ALL SELECT prepared FROM pg_catalog.pg_prepared_xacts WHERE database = current_database()"
        ") AS held (since)"
    ).fetchone()
    return float(row[0]) if row else 0.0


def _no_permission(error: psycopg.Error) -> UnfitTargetError:
    return UnfitTargetError(
        f"This role may not run the statement: {error.diag.message_primary}.",
        state="nothing was changed",
        next_steps=["grant what is missing, or connect as a role that has it"],
    )
