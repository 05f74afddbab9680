"""Keeping what a statement does to rows: INSERT, UPDATE, DELETE, TRUNCATE."""

from __future__ import annotations

from collections.abc import Sequence

from lockgate.catalog.model import Column, Constraint, Table
from lockgate.catalog.snapshot import Snapshot
from lockgate.inverse.keeping.side_table import (
    PREPARE,
    ROW,
    Keeper,
    given_back,
    in_words,
    insert_back,
    kept_value,
    kept_values,
    key_of,
    matches,
    names,
    stored,
    whole_row,
)
from lockgate.inverse.keeping.triggers import undisturbed
from lockgate.inverse.losses.model import Deleted, Inserted, Truncated, Updated
from lockgate.inverse.model import Impossible, Keep
from lockgate.sql.identifiers import QualifiedName, literal, quote


def keep_updated(loss: Updated, keeper: Keeper) -> Keep | None:
    """The old values of the rows that an UPDATE will change; None where no key stays by which to find them again."""
    table = keeper.before.tables[loss.table]
    columns = [column for column in stored(table) if column.column in loss.columns]
    key = key_of(keeper.before, loss.table, loss.columns)
    if key is None or not columns:
        return None
    side = keeper.name()
    what = f"the old values of {in_words(loss.table, columns)}"
    identity = [column for name in key if (column := table.column(name))]
    kept = [*identity, *columns]
    condition = f"({loss.condition}) AND " if loss.condition else ""
    alias = quote(loss.alias)
    values = ", ".join(kept_value(column, alias) for column in kept)
    missing = f"NOT EXISTS (SELECT FROM {side.sql} AS kept WHERE {matches(key, alias, 'kept', table)})"
    copy = (
        f"INSERT INTO {side.sql} ({names(kept)})\n"
        f"SELECT {values} FROM {loss.table.sql} AS {alias}\n"
        f"WHERE {condition}{missing}"
    )
    if not keeper.setting.chunked:
        # Nobody may change these rows before the statement does. A backfill comes too late for that.
        copy += f"\nFOR UPDATE OF {alias}"
    assignments = ", ".join(f"{quote(column.column)} = {given_back(column, 'kept')}" for column in columns)
    update = (
        f"UPDATE {loss.table.sql} AS target SET {assignments}\n"
        f"FROM {side.sql} AS kept WHERE {matches(key, 'target', 'kept', table)}"
    )
    return Keep(
        what,
        (side,),
        before=(
            *PREPARE,
            _shape(side, table, kept),
            copy,
            *keeper.finish([side], what),
        ),
        restore=undisturbed((update,), loss.table, [keeper.before]),
        rows=table.rows,
        bytes=table.bytes,
    )


def _shape(side: QualifiedName, table: Table, columns: Sequence[Column]) -> str:
    values = kept_values(columns)
    return f"CREATE TABLE IF NOT EXISTS {side.sql} AS SELECT {values} FROM {table.name.sql} WITH NO DATA"


def keep_deleted(loss: Deleted, keeper: Keeper) -> Keep | Impossible | None:
    """The rows that a DELETE returns."""
    table = keeper.before.tables[loss.table]
    columns = stored(table)
    side = keeper.name()
    what = f"the deleted rows of {loss.table}"
    if keeper.setting.chunked:
        return _keep_before_deletion(loss, table, side, keeper, what)
    values = kept_values(columns, "gone")
    returned = ", ".join(f"{quote(loss.alias)}.{quote(column.column)}" for column in columns) or "1"
    return Keep(
        what,
        (side,),
        before=(*PREPARE, _shape(side, table, columns), "SET LOCAL row_security TO DEFAULT"),
        instead=(
            f"WITH gone AS (\n{loss.sql}\nRETURNING {returned}\n)\n"
            f"INSERT INTO {side.sql} ({names(columns) or ROW}) SELECT {values} FROM gone"
        ),
        after=keeper.finish([side], what),
        restore=undisturbed((insert_back(table, columns, side),), loss.table, [keeper.before]),
        rows=table.rows,
        bytes=table.bytes,
    )


def _keep_before_deletion(
    loss: Deleted, table: Table, side: QualifiedName, keeper: Keeper, what: str
) -> Keep:
    columns = stored(table)
    alias = quote(loss.alias)
    values = kept_values(columns, alias)
    where = f"\nWHERE {loss.condition}" if loss.condition else ""
    copy = f"CREATE TABLE {side.sql} AS SELECT {values} FROM {loss.table.sql} AS {alias}{where}"
    return Keep(
        what,
        (side,),
        before=(*PREPARE, copy, *keeper.finish([side], what)),
        restore=undisturbed((insert_back(table, columns, side),), loss.table, [keeper.before]),
        rows=table.rows,
        bytes=table.bytes,
    )


def keep_truncated(loss: Truncated, keeper: Keeper) -> Keep | Impossible | None:
    """All rows of a table that is emptied."""
    table = keeper.before.tables[loss.table]
    if any(not child.is_partition for child in keeper.before.children(loss.table)) and not loss.only:
        return Impossible(f"{loss.table} has children by inheritance; name each with TRUNCATE ONLY")
    columns = stored(table)
    side = keeper.name()
    what = f"the rows of {loss.table}"
    values = kept_values(columns)
    positions = [(sequence, keeper.name()) for sequence in loss.restarted]
    copies = [
        f"CREATE TABLE {place.sql} AS SELECT last_value, is_called FROM {sequence.sql}"
        for sequence, place in positions
    ]
    restarts = [
        f"SELECT pg_catalog.setval({literal(sequence.sql).strip()}, last_value, is_called) FROM {place.sql}"
        for sequence, place in positions
    ]
    tables = (side, *(place for _, place in positions))
    back = undisturbed((insert_back(table, columns, side),), loss.table, [keeper.before])
    return Keep(
        what,
        tables,
        before=(
            *PREPARE,
            f"CREATE TABLE {side.sql} AS SELECT {values} FROM {loss.table.sql}",
            *copies,
            *keeper.finish(tables, what),
        ),
        restore=(*back, *restarts),
        rows=table.rows,
        bytes=table.bytes,
    )


def keep_inserted(loss: Inserted, keeper: Keeper) -> Keep | Impossible | None:
    """What tells the new rows apart, as the INSERT returns it: not what may go, but what must go again."""
    if keeper.setting.chunked:
        return Impossible("rows that come in chunks cannot be told from those that others insert meanwhile")
    table = keeper.before.tables[loss.table]
    key = key_of(keeper.before, loss.table)
    side = keeper.name()
    what = f"which rows came into {loss.table}"
    if key is not None:
        identity = [column for name in key if (column := table.column(name))]
        returned, shape = names(identity), _shape(side, table, identity)
        values = ", ".join(kept_value(column, "fresh") for column in identity)
        target = names(identity)
        delete = (
            f"DELETE FROM {loss.table.sql} AS target USING {side.sql} AS kept\n"
            f"WHERE {matches(key, 'target', 'kept', table)}"
        )
        guard = _refuse_cascades(table, key, side, keeper.before)
    else:
        columns = stored(table)
        returned, target = names(columns) or "1", ROW
        shape = f"CREATE TABLE IF NOT EXISTS {side.sql} (lockgate_row text)"
        values = whole_row(columns, "fresh")
        delete = delete_by_row(table, columns, side)
        guard = ()
    return Keep(
        what,
        (side,),
        before=(*PREPARE, shape, "SET LOCAL row_security TO DEFAULT"),
        instead=(
            f"WITH fresh AS (\n{loss.sql}\nRETURNING {returned}\n)\n"
            f"INSERT INTO {side.sql} ({target}) SELECT {values} FROM fresh"
        ),
        after=keeper.finish([side], what),
        restore=undisturbed((*guard, delete), loss.table, [keeper.before]),
    )


def delete_by_row(table: Table, columns: Sequence[Column], side: QualifiedName) -> str:
    """Delete as many rows of each sort as were kept of it; rows that are equal in everything stand for each other."""
    return (
        f"DELETE FROM {table.name.sql} AS target\n"
        f"USING (SELECT tableoid, ctid, {whole_row(columns, 'one')} AS lockgate_row,\n"
        f"        row_number() OVER (PARTITION BY {whole_row(columns, 'one')} ORDER BY ctid DESC) AS lockgate_number\n"
        f"      FROM {table.name.sql} AS one) AS place\n"
        f"JOIN (SELECT lockgate_row, row_number() OVER (PARTITION BY lockgate_row) AS lockgate_number\n"
        f"      FROM {side.sql} AS kept) AS kept USING (lockgate_row, lockgate_number)\n"
        f"WHERE target.tableoid = place.tableoid AND target.ctid = place.ctid"
    )


def _refuse_cascades(
    table: Table, key: Sequence[str], side: QualifiedName, before: Snapshot
) -> tuple[str, ...]:
    """Rows that were added since and refer to the new ones would be deleted, or lose their reference, in silence."""
    return tuple(
        _refusal(table, key, side, constraint)
        for constraint in before.references_to(table.name)
        if constraint.on_delete in ("CASCADE", "SET NULL", "SET DEFAULT") and not constraint.inherited
    )


def _refusal(table: Table, key: Sequence[str], side: QualifiedName, constraint: Constraint) -> str:
    pairs = zip(constraint.columns, constraint.referenced_columns, strict=True)
    joined = " AND ".join(f"child.{quote(own)} = target.{quote(other)}" for own, other in pairs)
    text = f"rows of {constraint.name} refer to rows of {table.name.sql} that this rollback deletes"
    return (
        "DO $guard$ BEGIN\n"
        f"  IF EXISTS (SELECT FROM {constraint.name.sql} AS child JOIN {table.name.sql} AS target ON {joined}\n"
        f"      JOIN {side.sql} AS kept ON {matches(key, 'target', 'kept', table)}\n"
        f"      WHERE NOT EXISTS (SELECT FROM {side.sql} AS own WHERE {_is_own(constraint, table, key)})) THEN\n"
        f"    RAISE EXCEPTION {literal(text.replace('%', '%%')).strip()}\n"
        f"      USING HINT = 'Move or delete those rows first; {constraint.on_delete} would change them in silence.';\n"
        "  END IF;\nEND $guard$"
    )


def _is_own(constraint: Constraint, table: Table, key: Sequence[str]) -> str:
    """Rows of the same table that came together refer to each other and may go together."""
    if constraint.name != table.name:
        return "false"
    return matches(key, "child", "own", table)
