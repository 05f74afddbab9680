"""What else must give way when an object is dropped, made anew or has its type changed."""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.catalog.address import Address, Kind
from lockgate.catalog.model import (
    CatalogObject,
    Column,
    CompositeType,
    Constraint,
    Domain,
    EnumType,
    Index,
    Plain,
    Publication,
    Relation,
    Sequence,
    Table,
    Trigger,
)
from lockgate.catalog.script.changes import Changes, alteration
from lockgate.catalog.snapshot import Snapshot

_RIGID = frozenset(
    {Kind.VIEW, Kind.MATERIALIZED_VIEW, Kind.RULE, Kind.POLICY, Kind.TRIGGER, Kind.FUNCTION, Kind.PROCEDURE}
)
"""Kinds for which the server refuses to change the type of a column that they mention."""


def close(changes: Changes) -> None:
    """Follow the dependencies until nothing more has to step aside."""
    waiting = [*changes.dropped, *(address for address in changes.altered if _changes_type(changes, address))]
    seen: set[Address] = set()
    while waiting:
        address = waiting.pop()
        if address not in seen:
            seen.add(address)
            for needing in sorted(_needing(changes.before, address)):
                waiting += _step_aside(changes, address, needing)


def _changes_type(changes: Changes, address: Address) -> bool:
    old, new = changes.before.get(address), changes.after.get(address)
    if not (isinstance(old, Column) and isinstance(new, Column)):
        return False
    return (old.type, old.collation) != (new.type, new.collation)


def _needing(snapshot: Snapshot, address: Address) -> set[Address]:
    """What needs an object, or anything that goes away with it."""
    return {one for gone in going_with(snapshot, address) for one in snapshot.dependents.get(gone, ())}


def going_with(snapshot: Snapshot, address: Address) -> Iterator[Address]:
    """An object and all that the server drops together with it without being asked."""
    yield address
    yield from _clones(snapshot, address)
    item = snapshot.get(address)
    if isinstance(item, Relation):
        for column in item.columns:
            yield column.address
            yield default_of(column.address)
        yield from (part.address for part in snapshot.parts(item.name))
        yield from (sequence.address for sequence in snapshot.sequences_of(item.name))
    elif isinstance(item, Column):
        yield default_of(address)
        yield from (part.address for part in snapshot.parts(item.name) if _goes_with_column(part, item))
        owned = snapshot.sequences_of(item.name)
        yield from (one.address for one in owned if one.owned_by and one.owned_by[2] == item.column)
    elif isinstance(item, Constraint) and item.index:
        yield Address(Kind.INDEX, item.index.schema, item.index.name)
    elif isinstance(item, Domain):
        yield from (part.address for part in snapshot.parts(item.name))


_CLONED = frozenset({Kind.TRIGGER, Kind.CONSTRAINT, Kind.INDEX})


def _clones(snapshot: Snapshot, address: Address) -> Iterator[Address]:
    """What partitions have of a partitioned table's trigger, constraint or index."""
    if address.kind in _CLONED:
        for needing in snapshot.dependents.get(address, ()):
            if needing.kind is address.kind and is_clone(snapshot, needing):
                yield from going_with(snapshot, needing)


def is_clone(snapshot: Snapshot, address: Address) -> bool:
    """Whether a part belongs to the same part of a partitioned table."""
    item = snapshot.objects.get(address)
    if isinstance(item, Index):
        return item.parent is not None
    return isinstance(item, Trigger | Constraint) and item.inherited


def _goes_with_column(part: CatalogObject, column: Column) -> bool:
    if isinstance(part, Constraint):
        return column.column in part.columns
    return isinstance(part, Index) and column.column in (*part.columns, *part.included)


def default_of(column: Address) -> Address:
    """The address of a column's default."""
    return Address(Kind.DEFAULT, column.schema, column.name, column.part)


def _step_aside(changes: Changes, address: Address, needing: Address) -> list[Address]:
    """Make something give way to a change of what it needs; gives what newly has to be followed."""
    if not _must_give_way(changes, address, needing):
        return []
    if needing.kind is Kind.DEFAULT:
        changes.redefaulted.add(needing)
        return []
    item = changes.after.get(needing)
    match item:
        case Publication():
            changes.altered.setdefault(needing, [])
            if address.kind is Kind.COLUMN:
                changes.republished.add((needing, address.qualified))
        case Index(constraint=str(constraint)):
            return _anew(changes, Address(Kind.CONSTRAINT, item.table.schema, item.table.name, constraint))
        case Column(generated=None):
            return _step_aside_column(changes, address, needing)
        case Table() if address.qualified.sql == item.of_type:
            changes.untyped.add(needing)
        case Table() | Sequence():
            pass
        case _:
            return _anew(changes, needing)
    return []


def _must_give_way(changes: Changes, address: Address, needing: Address) -> bool:
    if needing in changes.dropped or not _stays(changes, needing):
        return False
    if address not in changes.dropped and needing.kind not in _RIGID and not _is_generated(changes, needing):
        return False
    # What is changed in place and no longer needs the object afterwards lets go of it by that change.
    lets_go = needing in changes.altered and address not in changes.after.depends.get(needing, ())
    return not lets_go or isinstance(changes.after.get(needing), Publication)


def _step_aside_column(changes: Changes, address: Address, needing: Address) -> list[Address]:
    if not _is_type(changes, address):
        return []
    composite = Address(Kind.TYPE, needing.schema, needing.name)
    if composite in changes.after.objects:
        return _anew(changes, composite)
    changes.retyped.add(needing)
    changes.altered[needing] = alteration(changes, needing) or []
    return [needing]


def _anew(changes: Changes, address: Address) -> list[Address]:
    if address in changes.dropped:
        return []
    changes.altered.pop(address, None)
    changes.dropped.add(address)
    changes.made.add(address)
    return [address]


def _stays(changes: Changes, address: Address) -> bool:
    if address.kind is Kind.DEFAULT:
        column = changes.after.column(address.qualified, address.part)
        return column is not None and column.default is not None and not _is_dropped(changes, column.address)
    if address.kind is Kind.COLUMN and _is_dropped(changes, address):
        return False
    return address in changes.after


def _is_dropped(changes: Changes, column: Address) -> bool:
    relation = changes.before.relation(column.qualified)
    return column in changes.dropped or (relation is not None and relation.address in changes.dropped)


def _is_generated(changes: Changes, address: Address) -> bool:
    item = changes.after.get(address)
    return isinstance(item, Column) and item.generated is not None


def _is_type(changes: Changes, address: Address) -> bool:
    item = changes.before.get(address)
    if isinstance(item, Plain):
        return item.kind is Kind.TYPE
    return isinstance(item, EnumType | Domain | CompositeType)
