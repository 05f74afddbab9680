"""What must be dropped, made, changed in place or made anew, with all that follows from it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from lockgate.catalog.address import Address, Kind
from lockgate.catalog.differences import Change, Differences
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
)
from lockgate.catalog.snapshot import Snapshot
from lockgate.catalog.writers import columns
from lockgate.catalog.writers.base import Context
from lockgate.catalog.writers.registry import writer_for
from lockgate.sql.identifiers import QualifiedName


@dataclass
class Changes:
    """The work, by address. An address in both ``dropped`` and ``made`` is made anew.

    ``altered`` holds the statements of a change in place. ``redefaulted`` are defaults that step aside while what they
    need is exchanged, ``retyped`` columns whose type is made anew under its old name, ``moved`` tables whose parents
    change, ``republished`` the tables that must leave a publication for a while.
    """

    context: Context
    dropped: set[Address] = field(default_factory=set)
    made: set[Address] = field(default_factory=set)
    altered: dict[Address, list[str]] = field(default_factory=dict)
    redefaulted: set[Address] = field(default_factory=set)
    retyped: set[Address] = field(default_factory=set)
    moved: set[Address] = field(default_factory=set)
    republished: set[tuple[Address, QualifiedName]] = field(default_factory=set)

    @property
    def before(self) -> Snapshot:
        """Where the SQL starts."""
        return self.context.before

    @property
    def after(self) -> Snapshot:
        """Where it leads."""
        return self.context.after


def collect(differences: Differences) -> Changes:
    """Everything that has to be done for some differences."""
    changes = Changes(Context(differences.before, differences.after))
    touched: dict[Address, None] = {}
    for difference in differences:
        address = difference.address
        match difference.change:
            case Change.ADDED:
                changes.made.add(address)
            case Change.REMOVED:
                changes.dropped.add(address)
            case Change.CHANGED:
                touched[_whole(changes, address)] = None
                if difference.field in ("inherits", "partition_bound"):
                    changes.moved.add(address)
    touched |= dict.fromkeys(_columns_of_wholes(changes))
    for address in touched:
        _change(changes, address)
    _close(changes)
    return changes


def _whole(changes: Changes, address: Address) -> Address:
    """Columns of tables change one by one; those of views and types change with the whole."""
    if address.kind is not Kind.COLUMN:
        return address
    relation = changes.after.relation(address.qualified)
    if isinstance(relation, Table):
        return address
    return relation.address if relation else Address(Kind.TYPE, address.schema, address.name)


def _columns_of_wholes(changes: Changes) -> Iterator[Address]:
    """A column that came to or left a view or a type is a change of the whole."""
    for group, snapshot in ((changes.made, changes.after), (changes.dropped, changes.before)):
        for address in [item for item in group if item.kind is Kind.COLUMN]:
            if not isinstance(snapshot.relation(address.qualified), Table):
                group.discard(address)
                yield _whole(changes, address)


def _change(changes: Changes, address: Address) -> None:
    if address in changes.dropped or address in changes.made:
        return
    statements = _alter(changes, address)
    if statements is None:
        changes.dropped.add(address)
        changes.made.add(address)
    elif statements:
        changes.altered[address] = statements


def _alter(changes: Changes, address: Address) -> list[str] | None:
    old, new = changes.before.get(address), changes.after.get(address)
    if isinstance(old, Column) and isinstance(new, Column):
        return columns.alter(old, new, changes.context, retyped=address in changes.retyped)
    if old is None or new is None or type(old) is not type(new):
        return None
    return writer_for(new).alter(old, new, changes.context)


def _close(changes: Changes) -> None:
    """Follow the dependencies: whatever needs something that is dropped, or has its type changed, must step aside."""
    waiting = list(changes.dropped | _type_changes(changes))
    seen: set[Address] = set()
    while waiting:
        address = waiting.pop()
        if address in seen:
            continue
        seen.add(address)
        for needing in sorted(_needing(changes.before, address)):
            waiting += _step_aside(changes, address, needing)


def _type_changes(changes: Changes) -> set[Address]:
    return {address for address in changes.altered if _changes_type(changes, address)}


def _changes_type(changes: Changes, address: Address) -> bool:
    old, new = changes.before.get(address), changes.after.get(address)
    if not (isinstance(old, Column) and isinstance(new, Column)):
        return False
    return (old.type, old.collation) != (new.type, new.collation)


def _needing(snapshot: Snapshot, address: Address) -> Iterator[Address]:
    """What needs an object, or anything that goes away with it."""
    for one in going_with(snapshot, address):
        yield from snapshot.dependents.get(one, ())


def going_with(snapshot: Snapshot, address: Address) -> Iterator[Address]:
    """An object and all that the server drops together with it without being asked."""
    yield address
    item = snapshot.get(address)
    if isinstance(item, Relation):
        for column in item.columns:
            yield column.address
            yield _default(column.address)
        yield from (part.address for part in snapshot.parts(item.name))
        yield from (sequence.address for sequence in snapshot.sequences_of(item.name))
    elif isinstance(item, Column):
        yield _default(address)
        yield from (part.address for part in snapshot.parts(item.name) if _goes_with_column(part, item))
        owned = snapshot.sequences_of(item.name)
        yield from (one.address for one in owned if one.owned_by and one.owned_by[2] == item.column)
    elif isinstance(item, Constraint) and item.index:
        yield Address(Kind.INDEX, item.index.schema, item.index.name)
    elif isinstance(item, Domain):
        yield from (part.address for part in snapshot.parts(item.name))


def _goes_with_column(part: CatalogObject, column: Column) -> bool:
    if isinstance(part, Constraint):
        return column.column in part.columns
    return isinstance(part, Index) and column.column in (*part.columns, *part.included)


def _default(column: Address) -> Address:
    return Address(Kind.DEFAULT, column.schema, column.name, column.part)


_RIGID = frozenset(
    {Kind.VIEW, Kind.MATERIALIZED_VIEW, Kind.RULE, Kind.POLICY, Kind.TRIGGER, Kind.FUNCTION, Kind.PROCEDURE}
)
"""Kinds for which the server refuses to change the type of a column that they mention."""


def _step_aside(changes: Changes, address: Address, needing: Address) -> list[Address]:
    """Make something give way to a change of what it needs; gives what newly has to be followed."""
    if needing in changes.dropped or not _still_there(changes, needing):
        return []
    dropped = address in changes.dropped
    if not dropped and needing.kind not in _RIGID and not _is_generated(changes, needing):
        return []
    if needing in changes.altered and address not in changes.after.depends.get(needing, ()):
        return []
    if needing.kind is Kind.DEFAULT:
        changes.redefaulted.add(needing)
        return []
    item = changes.after.get(needing)
    if isinstance(item, Publication):
        changes.altered.setdefault(needing, [])
        if address.kind is Kind.COLUMN:
            changes.republished.add((needing, address.qualified))
        return []
    if isinstance(item, Index) and item.constraint:
        needing = Address(Kind.CONSTRAINT, item.table.schema, item.table.name, item.constraint)
        if needing in changes.dropped:
            return []
    if isinstance(item, Column) and not item.generated and _is_type(changes, address):
        changes.retyped.add(needing)
        changes.altered[needing] = _alter(changes, needing) or []
        return [needing]
    if isinstance(item, Table | Sequence) or (isinstance(item, Column) and not item.generated):
        return []
    changes.altered.pop(needing, None)
    changes.dropped.add(needing)
    changes.made.add(needing)
    return [needing]


def _still_there(changes: Changes, address: Address) -> bool:
    if address.kind is Kind.DEFAULT:
        column = Address(Kind.COLUMN, address.schema, address.name, address.part)
        return not _is_dropped(changes, column) and _has_default(changes.after, column)
    if address.kind is Kind.COLUMN and _is_dropped(changes, address):
        return False
    return address in changes.after


def _has_default(snapshot: Snapshot, column: Address) -> bool:
    item = snapshot.get(column)
    return isinstance(item, Column) and item.default is not None


def _is_dropped(changes: Changes, column: Address) -> bool:
    relation = changes.before.relation(QualifiedName(column.schema, column.name))
    return column in changes.dropped or (relation is not None and relation.address in changes.dropped)


def _is_generated(changes: Changes, address: Address) -> bool:
    item = changes.after.get(address)
    return isinstance(item, Column) and item.generated is not None


def _is_type(changes: Changes, address: Address) -> bool:
    item = changes.before.get(address)
    return isinstance(item, EnumType | Domain | CompositeType) or (
        isinstance(item, Plain) and item.kind is Kind.TYPE
    )
