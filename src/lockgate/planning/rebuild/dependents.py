"""What names a table without being a part of it: it follows the table's rename, and is told the old name again.

Views, rules, policies of other tables and routines with bound bodies are replaced in place, so that they keep their
privileges, their owners and what needs them. Views of a column that has another type now cannot be: they go before, and
come again as they were after, in the same transaction. Materialized views follow later (``stored``).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from types import MappingProxyType

from lockgate.catalog.address import Address, Kind
from lockgate.catalog.carrying import carried_over
from lockgate.catalog.model import Constraint, Publication, Relation, Routine, Table, View
from lockgate.catalog.renames import Matching
from lockgate.catalog.snapshot import Snapshot
from lockgate.catalog.writers.base import Context
from lockgate.catalog.writers.registry import writer_for
from lockgate.planning.replacing import way, without
from lockgate.sql.identifiers import QualifiedName

_RETOLD = frozenset({Kind.VIEW, Kind.RULE, Kind.POLICY, Kind.FUNCTION, Kind.PROCEDURE, Kind.PUBLICATION})
_MADE_AGAIN = frozenset({Kind.VIEW, Kind.POLICY, Kind.PUBLICATION})
_PARTS = frozenset({Kind.COLUMN, Kind.DEFAULT, Kind.CONSTRAINT, Kind.TRIGGER, Kind.POLICY})


def named_by(snapshot: Snapshot, table: Table) -> list[Address]:
    """What needs the table or one of its columns and is neither a part of it nor a foreign key."""
    needed = (table.address, *(column.address for column in table.columns))
    found = {one for address in needed for one in snapshot.dependents.get(address, ())}
    return sorted(one for one in found if not _is_part(one, snapshot, table))


def _is_part(address: Address, snapshot: Snapshot, table: Table) -> bool:
    item = snapshot.get(address)
    if isinstance(item, Constraint) and item.type == "foreign key":
        return True
    if address.kind is Kind.INDEX:
        return any(index.address == address for index in snapshot.indexes_of(table.name))
    if address.kind is Kind.SEQUENCE:
        return any(found.address == address for found in snapshot.sequences_of(table.name))
    return address.kind is Kind.STATISTICS or (address.kind in _PARTS and address.qualified == table.name)


def obstacles(snapshot: Snapshot, table: Table, retyped: str | None) -> Iterator[str]:
    """What cannot be told another name, or not be made again over a column of another type, as words."""
    for address in named_by(snapshot, table):
        item = snapshot.get(address)
        if isinstance(item, View) and item.materialized:
            for other in sorted(snapshot.all_dependents([address])):
                if other.kind is not Kind.INDEX and other.qualified != address.qualified:
                    yield f"{other} depends on {address}, which would be another one afterwards"
        elif address.kind not in _RETOLD or address.qualified == table.name:
            yield f"{address} depends on it"
        elif _uses_row_type(item, table):
            yield f"{address} depends on it: the type of its rows is another one afterwards"
        elif address.kind not in _MADE_AGAIN and address in _needing(snapshot, table, retyped):
            yield f"{address} uses {retyped}, which has another type afterwards"
    views = {view.address for view in made_again(snapshot, table, retyped)}
    for address in sorted(snapshot.all_dependents(views) - views):
        if address.qualified not in {view.qualified for view in views}:
            yield f"{address} depends on a view of {retyped}"


def _needing(snapshot: Snapshot, table: Table, retyped: str | None) -> frozenset[Address]:
    column = table.column(retyped) if retyped is not None else None
    return snapshot.all_dependents([column.address]) if column is not None else frozenset()


def made_again(snapshot: Snapshot, table: Table, retyped: str | None) -> list[View]:
    """The views of a column that has another type now, directly or over other views."""
    needing = _needing(snapshot, table, retyped)
    return [view for view in snapshot.views() if view.address in needing and not view.materialized]


def removed(snapshot: Snapshot, table: Table, retyped: str | None) -> tuple[str, ...]:
    """The statements that take these views away, before anything is called otherwise."""
    return way(snapshot, _without_views(snapshot, table, retyped))


def _without_views(snapshot: Snapshot, table: Table, retyped: str | None) -> Snapshot:
    return without(snapshot, *(view.address for view in made_again(snapshot, table, retyped)))


def _uses_row_type(item: object, table: Table) -> bool:
    if isinstance(item, Relation):
        return any(column.type.removesuffix("[]") == table.name.sql for column in item.columns)
    return isinstance(item, Routine) and table.name.sql in f"{item.signature} {item.returns}"


def retold(
    snapshot: Snapshot, table: Table, other: QualifiedName, retyped: str | None = None
) -> Iterator[str]:
    """The statements that make all of it name the table again, after the one that it named is called ``other``."""
    place = replace(table.address, name=other.name)
    followed = carried_over(snapshot, snapshot, Matching(MappingProxyType({table.address: place}), ()))
    moved = followed.objects[place]
    before = replace(followed, objects=MappingProxyType({**followed.objects, table.address: table}))
    after = replace(snapshot, objects=MappingProxyType({**snapshot.objects, place: moved}))
    again = {view.address for view in made_again(snapshot, table, retyped)}
    for address in named_by(snapshot, table):
        old, new = followed.get(address), snapshot.get(address)
        assert old is not None
        assert new is not None
        if address not in again and address.kind is not Kind.MATERIALIZED_VIEW:
            yield from writer_for(new).alter(old, new, Context(before, after)) or ()
    yield from way(_without_views(snapshot, table, retyped), snapshot)


def published_by_schema(snapshot: Snapshot, table: Table) -> Iterator[str]:
    """The publications that take whatever table there is."""
    for found in snapshot.of_type(Publication):
        if found.all_tables or table.name.schema in found.schemas:
            yield found.address.name
