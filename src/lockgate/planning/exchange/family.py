"""The tables that have a column from one parent: partitions, however deep, and tables that inherit.

A column is added, renamed and dropped for all of them by one statement about the parent. What one of them has of its
own, the others do not get by that.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from lockgate.catalog.model import Column, Table
from lockgate.catalog.snapshot import Snapshot
from lockgate.errors import UsageError
from lockgate.planning.exchange.facts import KEYS
from lockgate.planning.exchange.pair import Pair
from lockgate.sql.identifiers import quote


def with_family(pair: Pair, snapshot: Snapshot) -> Pair:
    """The pair with the tables below its own; raises UsageError where the server itself refuses another type."""
    own = snapshot.tables.get(pair.table.name)
    if own is None:
        return pair
    tables = (own, *below(snapshot, own))
    for table in tables:
        _refuse_partition_key(table, pair)
    return replace(pair, below=tuple(table.name for table in tables[1:]), partitioned=own.is_partitioned)


def below(snapshot: Snapshot, table: Table) -> Iterator[Table]:
    """The tables below one, parents first."""
    found = list(snapshot.children(table.name))
    for child in found:
        found += [one for one in snapshot.children(child.name) if one not in found]
        yield child


def _refuse_partition_key(table: Table, pair: Pair) -> None:
    name = pair.column.name
    if table.partition_key is not None and quote(name) in re.findall(
        r'"(?:[^"]|"")+"|[\w$]+', table.partition_key
    ):
        raise UsageError(
            f"{table.name} is divided by {name}: the server gives the column of a partition key no other type",
            why="a row with another value may belong to another partition",
            next_steps=[
                f"make a second table that is divided by {name} as {pair.type}, and fill it while this one is in use",
                "then exchange the names of the two in one transaction: that moment is the whole interruption",
            ],
        )


def family_reasons(pair: Pair, snapshot: Snapshot) -> Iterator[str]:
    """What of the tables below, or of constraints that reach over them, stands in the way of an exchange."""
    if not pair.below and not pair.partitioned:
        return
    name = pair.column.name
    root = snapshot.tables[pair.table.name]
    yield from _reaching(pair, snapshot)
    for table in (snapshot.tables[one] for one in pair.below):
        if table.server is not None:
            yield f"{table.name} is a foreign table"
        if len(table.inherits) > 1:
            yield f"{table.name} inherits from several tables"
        found, wanted = table.column(name), root.column(name)
        if found is None or wanted is None or _own(found) != _own(wanted):
            yield f"{table.name}.{name} has a default, a setting or rights of its own"
        elif found.local and not table.is_partition:
            yield f"{table.name} declares {name} itself, too"
        for one in snapshot.constraints_of(table.name):
            if not one.inherited and name in one.columns:
                yield f"{table.name} has {one.type} {one.constraint} of its own"


def _own(column: Column) -> tuple[object, ...]:
    return (
        column.default,
        column.not_null,
        column.statistics,
        column.options,
        column.collation,
        column.comment,
        column.grants,
    )


def _reaching(pair: Pair, snapshot: Snapshot) -> Iterator[str]:
    name = pair.column.name
    for one in snapshot.constraints_of(pair.table.name):
        over = not one.inherited and name in one.columns
        if over and pair.partitioned and one.type in KEYS:
            yield f"{one.type} {one.constraint} of a partitioned table cannot be made of an index that is there"
        if over and one.type == "foreign key":
            yield f"foreign key {one.constraint} would be proved while nobody can write to the partitions"
