"""Losses of a file's own rows: what it wrote into tables and columns that it made goes with them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from lockgate.catalog.snapshot import Snapshot
from lockgate.inverse.losses.model import Anything, Deleted, Inserted, Loss, Truncated, Updated
from lockgate.sql.identifiers import QualifiedName


def without_own(losses: Iterable[Loss], before: Snapshot, first: Snapshot) -> Iterator[Loss]:
    """The losses that concern what was there before the file, known by oid since names may have changed.

    Only rows that statements write are left out. Where a table or a column goes, its rows are kept even if the file
    made it: constraints may ask for them on the way back.
    """
    old = {table.oid for table in first.tables.values()}
    places = {(column.oid, column.position) for table in first.tables.values() for column in table.columns}
    for loss in losses:
        match loss:
            case Inserted() | Deleted() | Truncated():
                if _was_there(loss.table, before, old):
                    yield loss
            case Updated():
                columns = tuple(
                    name for name in loss.columns if _column_was_there(loss.table, name, before, places)
                )
                if columns:
                    yield replace(loss, columns=columns)
            case Anything():
                tables = tuple(name for name in loss.tables if _was_there(name, before, old))
                if tables:
                    yield Anything(tables)
            case _:
                yield loss


def _was_there(name: QualifiedName, before: Snapshot, old: set[int]) -> bool:
    table = before.tables.get(name)
    return table is None or table.oid == 0 or table.oid in old


def _column_was_there(
    name: QualifiedName, column: str, before: Snapshot, places: set[tuple[int, int]]
) -> bool:
    now = before.column(name, column)
    return now is None or now.oid == 0 or (now.oid, now.position) in places
