"""What must step aside for the exchange and return after it, in an order that the server accepts.

The catalog room knows how to change a column's type with all that depends on it: views, policies, triggers, rules,
routines and statistics are dropped before, and made again with their grants and comments after. The same operations
stand around an exchange by renames, because their texts name the same columns.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Final

from lockgate.catalog.address import Address, Kind
from lockgate.catalog.model import Column, Publication, Table, View
from lockgate.catalog.script.changes import Changes, alteration
from lockgate.catalog.script.circles import Opener
from lockgate.catalog.script.closure import close
from lockgate.catalog.script.graph import Key, Operation, Verb, in_order
from lockgate.catalog.script.operations import Builder
from lockgate.catalog.script.write import NO_FILLS
from lockgate.catalog.snapshot import Snapshot
from lockgate.catalog.writers.base import Context
from lockgate.planning.exchange.facts import Hung
from lockgate.planning.exchange.pair import Pair
from lockgate.sql.identifiers import QualifiedName

Retold = Callable[[Operation], tuple[str, ...]]
"""What is done instead of an operation."""

_ASIDE: Final = (Kind.STATISTICS,)


def column_of(pair: Pair) -> Address:
    """Where a catalog has the column of a pair."""
    return Address(Kind.COLUMN, pair.table.name.schema, pair.table.name.name, pair.column.name)


def columns_of(pair: Pair) -> tuple[Address, ...]:
    """The same, and where it has that of each table which inherits it."""
    return tuple(Address(Kind.COLUMN, one.schema, one.name, pair.column.name) for one in pair.tables)


def address_of(hung: Hung) -> Address:
    """Where a catalog has a constraint."""
    return Address(Kind.CONSTRAINT, hung.table.schema, hung.table.name, hung.name)


def operations(snapshot: Snapshot, pairs: tuple[Pair, ...], hung: Iterable[Hung]) -> list[Operation]:
    """The change of the columns' types, with everything that has to step aside for it."""
    columns = {address: pair.type for pair in pairs for address in columns_of(pair)}
    changes = Changes(Context(snapshot, _retyped(snapshot, columns)))
    for column in columns:
        changes.altered[column] = alteration(changes, column) or []
    for address in [*map(address_of, hung), *_aside(snapshot, columns)]:
        changes.dropped.add(address)
        changes.made.add(address)
    for address, table in _published(snapshot, pairs):
        changes.altered.setdefault(address, [])
        changes.republished.add((address, table))
    close(changes)
    builder = Builder(changes, NO_FILLS)
    return in_order(builder.build(), Opener(builder))


def _retyped(snapshot: Snapshot, columns: dict[Address, str]) -> Snapshot:
    objects = dict(snapshot.objects)
    for column, type_words in columns.items():
        address = replace(column, kind=Kind.TABLE, part="")
        table = objects[address]
        assert isinstance(table, Table)
        changed = tuple(
            replace(found, type=type_words) if found.column == column.part else found
            for found in table.columns
        )
        objects[address] = replace(table, columns=changed)
    for view in stored(snapshot, columns):
        objects[view.address] = replace(view, populated=False)
    return replace(snapshot, objects=MappingProxyType(objects))


def stored(snapshot: Snapshot, columns: Iterable[Address]) -> tuple[View, ...]:
    """The materialized views that hold rows made of some columns, each after those that it reads itself."""
    needing = snapshot.all_dependents(columns)
    found = [one for one in snapshot.views() if one.address in needing and one.materialized and one.populated]
    return tuple(sorted(found, key=lambda one: len(snapshot.all_dependents([one.address])), reverse=True))


def stored_of(snapshot: Snapshot, pairs: tuple[Pair, ...]) -> tuple[View, ...]:
    """The materialized views that hold rows made of the pairs' columns."""
    return stored(snapshot, [address for pair in pairs for address in columns_of(pair)])


def in_place(
    snapshot: Snapshot, pairs: tuple[Pair, ...], statement: str, unproved: tuple[Hung, ...] = ()
) -> tuple[str, ...]:
    """The change of the first column as it stands, in one transaction with all that the server wants out of its way.

    Materialized views come back empty, and the ``unproved`` constraints not validated.
    """
    return tuple(_in_place(snapshot, pairs, statement, unproved))


def _in_place(
    snapshot: Snapshot, pairs: tuple[Pair, ...], statement: str, unproved: tuple[Hung, ...]
) -> Iterator[str]:
    first = Key(Verb.MAKE, column_of(pairs[0]))
    later = {Key(Verb.MAKE, address_of(one)) for one in unproved}
    for operation in operations(snapshot, pairs, unproved):
        if operation.key == first:
            yield statement
        elif operation.key in later:
            added, *about = operation.sql
            yield from (f"{added} NOT VALID", *about)
        else:
            yield from operation.sql


def filled(views: Iterable[View]) -> tuple[str, ...]:
    """What fills materialized views that came back empty."""
    return tuple(f"REFRESH MATERIALIZED VIEW {view.name.sql}" for view in views)


def emptied(views: Sequence[View]) -> tuple[str, ...]:
    """The way back of that."""
    return tuple(f"REFRESH MATERIALIZED VIEW {view.name.sql} WITH NO DATA" for view in reversed(views))


def _published(snapshot: Snapshot, pairs: tuple[Pair, ...]) -> Iterator[tuple[Address, QualifiedName]]:
    """The publications that name columns of a table: the list and the row filter would stay with the old ones."""
    exchanged = {table for pair in pairs for table in pair.tables}
    for publication in snapshot.of_type(Publication):
        for published in publication.tables:
            if published.table in exchanged and (published.columns or published.where):
                yield publication.address, published.table


def _aside(snapshot: Snapshot, columns: Iterable[Address]) -> list[Address]:
    dependents = {one for column in columns for one in snapshot.dependents.get(column, ())}
    return sorted(one for one in dependents if one.kind in _ASIDE)


def in_the_way(snapshot: Snapshot, pairs: tuple[Pair, ...], hung: Iterable[Hung]) -> list[str]:
    """What cannot step aside for a moment, as words."""
    own = {address for pair in pairs for address in columns_of(pair)}
    reasons = []
    for operation in operations(snapshot, pairs, hung):
        address = operation.key.address
        item = snapshot.get(address)
        if operation.key.verb is Verb.MAKE and address not in own and isinstance(item, Column):
            reasons.append(
                f"generated column {item.column} would be computed anew while nobody can use the table"
            )
    return reasons
