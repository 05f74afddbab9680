"""Keeping what a change of the schema takes away: rows of dropped tables, values of dropped columns, positions."""

from __future__ import annotations

from collections import abc

from lockgate.catalog.address import Address, Kind
from lockgate.catalog.model import Column, Table
from lockgate.catalog.snapshot import Snapshot
from lockgate.inverse.keeping.side_table import (
    PREPARE,
    Keeper,
    given_back,
    in_words,
    insert_back,
    kept_value,
    kept_values,
    key_of,
    matches,
    stored,
    whole_row,
)
from lockgate.inverse.keeping.triggers import undisturbed
from lockgate.inverse.losses.model import ColumnValues, SequencePosition, TableRows
from lockgate.inverse.model import Impossible, Keep
from lockgate.sql.identifiers import QualifiedName, literal, quote


def keep_rows(loss: TableRows, keeper: Keeper) -> Keep | Impossible | None:
    """All rows of a table that goes; they return between CREATE TABLE and its constraints."""
    table = keeper.before.tables[loss.table]
    columns = stored(table)
    if table.server or table.is_partitioned:
        return None
    side = keeper.name()
    what = f"the rows of {loss.table}"
    values = kept_values(columns)
    fill = insert_back(table, columns, side)
    return Keep(
        what,
        (side,),
        before=(
            *PREPARE,
            f"CREATE TABLE {side.sql} AS SELECT {values} FROM ONLY {loss.table.sql}",
            *keeper.finish([side], what),
        ),
        fills={table.address: (fill,)},
        rows=table.rows,
        bytes=table.bytes,
    )


def keep_values(loss: ColumnValues, keeper: Keeper, after: Snapshot) -> Keep | Impossible | None:
    """The values of columns that go or change their type, with what tells the rows apart."""
    table = keeper.before.tables[loss.table]
    columns = [column for name in loss.columns if (column := table.column(name)) and not column.generated]
    if not columns or table.server:
        return None
    side = keeper.name()
    what = f"the values of {in_words(loss.table, columns)}"
    key = key_of(keeper.before, loss.table, loss.columns)
    rest = _remaining(table, after, loss)
    if key is not None:
        identity = [column for name in key if (column := table.column(name))]
        copy = ", ".join(kept_value(column) for column in [*identity, *columns])
        update = _update_by_key(table, columns, key, side)
    else:
        copy = f"{whole_row(rest, 'source')} AS lockgate_row, " + ", ".join(
            kept_value(column, "source") for column in columns
        )
        update = _update_by_row(table, columns, rest, side)
    fill = undisturbed((update,), loss.table, (keeper.before, after))
    return Keep(
        what,
        (side,),
        before=(
            *PREPARE,
            f"CREATE TABLE {side.sql} AS SELECT {copy} FROM {_only(table)}{loss.table.sql} AS source",
            *keeper.finish([side], what),
        ),
        fills=dict.fromkeys((column.address for column in columns), ()) | {columns[-1].address: fill},
        rows=table.rows,
        bytes=table.bytes,
    )


def _only(table: Table) -> str:
    """Rows of children by inheritance are kept with the children; those of partitions with the whole."""
    return "" if table.is_partitioned else "ONLY "


def _remaining(table: Table, after: Snapshot, loss: ColumnValues) -> list[Column]:
    """The columns by which rows are recognised without a key: those that the statement leaves alone."""
    now = after.tables.get(table.name)
    if now is None:
        return []
    return [
        column
        for column in stored(table)
        if column.column not in loss.columns
        and (other := now.column(column.column)) is not None
        and other.type == column.type
    ]


def _assignments(columns: abc.Sequence[Column]) -> str:
    return ", ".join(f"{quote(column.column)} = {given_back(column, 'kept')}" for column in columns)


def _update_by_key(
    table: Table, columns: abc.Sequence[Column], key: abc.Sequence[str], side: QualifiedName
) -> str:
    return (
        f"UPDATE {_only(table)}{table.name.sql} AS target SET {_assignments(columns)}\n"
        f"FROM {side.sql} AS kept WHERE {matches(key, 'target', 'kept', table)}"
    )


def _update_by_row(
    table: Table, columns: abc.Sequence[Column], rest: abc.Sequence[Column], side: QualifiedName
) -> str:
    """Rows that are equal in all other columns may take each other's value: nothing tells them apart."""
    values = ", ".join(f"kept.{quote(column.column)}" for column in columns)
    return (
        f"UPDATE {_only(table)}{table.name.sql} AS target SET {_assignments(columns)}\n"
        f"FROM (SELECT tableoid, ctid, {whole_row(rest, 'one')} AS lockgate_row,\n"
        f"        row_number() OVER (PARTITION BY {whole_row(rest, 'one')}) AS lockgate_number\n"
        f"      FROM {_only(table)}{table.name.sql} AS one) AS place\n"
        f"JOIN (SELECT {values}, lockgate_row,\n"
        f"        row_number() OVER (PARTITION BY lockgate_row) AS lockgate_number\n"
        f"      FROM {side.sql} AS kept) AS kept USING (lockgate_row, lockgate_number)\n"
        f"WHERE target.tableoid = place.tableoid AND target.ctid = place.ctid"
    )


def keep_position(loss: SequencePosition, keeper: Keeper) -> Keep | Impossible | None:
    """Where a sequence stands."""
    side = keeper.name()
    what = f"the position of the sequence {loss.sequence}"
    text = literal(loss.sequence.sql).strip()
    restore = f"SELECT pg_catalog.setval({text}, last_value, is_called) FROM {side.sql}"
    return Keep(
        what,
        (side,),
        before=(
            *PREPARE,
            f"CREATE TABLE {side.sql} AS SELECT last_value, is_called FROM {loss.sequence.sql}",
            *keeper.finish([side], what),
        ),
        fills={Address(Kind.SEQUENCE, loss.sequence.schema, loss.sequence.name): (restore,)},
        rows=1,
        bytes=8192,
    )
