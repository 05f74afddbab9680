"""In which order tables are filled: what others refer to first, and where they refer to each other, a beginning."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from lockgate.proving.rows.shape import TableShape

Holders = Mapping[int, frozenset[int]]
"""The tables that hold the rows of a table: itself, or the partitions of a partitioned one."""


def filling_order(tables: Sequence[TableShape]) -> Iterator[tuple[TableShape, frozenset[int]]]:
    """Every table, with those targets of its foreign keys whose rows are not all there when its turn comes.

    Among tables that wait for each other, the one comes first that can best do without: the fewest NOT NULL
    references, then the first by name.
    """
    holders = _holders(tables)
    waiting = {table.oid: table for table in tables}
    while waiting:
        ready = [table for table in waiting.values() if not _missing(table, holders, waiting) - {table.oid}]
        chosen = ready or [min(waiting.values(), key=lambda table: _need(table, holders, waiting))]
        for table in chosen:
            yield table, _absent(table, holders, waiting)
        for table in chosen:
            del waiting[table.oid]


def _holders(tables: Sequence[TableShape]) -> Holders:
    found: dict[int, set[int]] = defaultdict(set)
    for table in tables:
        for oid in (table.oid, *table.ancestors):
            found[oid].add(table.oid)
    return {oid: frozenset(members) for oid, members in found.items()}


def _missing(table: TableShape, holders: Holders, waiting: Mapping[int, TableShape]) -> set[int]:
    wanted = (holders.get(key.target, frozenset()) for key in table.foreign_keys)
    return {oid for members in wanted for oid in members if oid in waiting}


def _absent(table: TableShape, holders: Holders, waiting: Mapping[int, TableShape]) -> frozenset[int]:
    return frozenset(
        key.target for key in table.foreign_keys if holders.get(key.target, frozenset()) & waiting.keys()
    )


def _need(table: TableShape, holders: Holders, waiting: Mapping[int, TableShape]) -> tuple[int, str]:
    absent = _absent(table, holders, waiting)
    required = [
        key
        for key in table.foreign_keys
        if key.target in absent and any(table.column(name).not_null for name in key.columns)
    ]
    return len(required), str(table.name)
