"""What must be dropped, made, changed in place or made anew."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from lockgate.catalog.address import Address, Kind
from lockgate.catalog.differences import Change, Difference, Differences
from lockgate.catalog.model import (
    Column,
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
    change, ``republished`` the tables that must leave a publication for a while, ``untyped`` those that must leave
    their type.
    """

    context: Context
    dropped: set[Address] = field(default_factory=set)
    made: set[Address] = field(default_factory=set)
    altered: dict[Address, list[str]] = field(default_factory=dict)
    redefaulted: set[Address] = field(default_factory=set)
    retyped: set[Address] = field(default_factory=set)
    moved: set[Address] = field(default_factory=set)
    republished: set[tuple[Address, QualifiedName]] = field(default_factory=set)
    untyped: set[Address] = field(default_factory=set)

    @property
    def before(self) -> Snapshot:
        """Where the SQL starts."""
        return self.context.before

    @property
    def after(self) -> Snapshot:
        """Where it leads."""
        return self.context.after


def collect(differences: Differences) -> Changes:
    """What some differences ask for by themselves; see :func:`close` for what follows from it."""
    changes = Changes(Context(differences.before, differences.after))
    touched: dict[Address, None] = {}
    changed = {(difference.address, difference.change) for difference in differences}
    for difference in differences:
        address = difference.address
        match difference.change:
            case Change.ADDED | Change.REMOVED if _follows(changes, difference, changed):
                pass
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
    return changes


def _follows(changes: Changes, difference: Difference, changed: set[tuple[Address, Change]]) -> bool:
    """Whether a column comes or goes with the type of its table, or with the same column of a parent."""
    address, side = difference.address, changes.after if difference.change is Change.ADDED else changes.before
    if _follows_its_type(changes, address):
        return True
    column = side.get(address)
    if not isinstance(column, Column) or column.inherited == 0:
        return False
    return any((parent, difference.change) in changed for parent in same_in_parents(side, address))


def same_in_parents(snapshot: Snapshot, column: Address) -> list[Address]:
    """The column of the same name in the parents of a table."""
    table = snapshot.tables.get(column.qualified)
    parents = table.inherits if table else ()
    return [Address(Kind.COLUMN, parent.schema, parent.name, column.part) for parent in parents]


def _follows_its_type(changes: Changes, address: Address) -> bool:
    """Whether a column belongs to a typed table, whose columns come and go with the attributes of its type."""
    if address.kind is not Kind.COLUMN:
        return False
    old, new = (side.tables.get(address.qualified) for side in (changes.before, changes.after))
    return bool(old and new and old.of_type and old.of_type == new.of_type)


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
    statements = alteration(changes, address)
    if statements is None:
        changes.dropped.add(address)
        changes.made.add(address)
    else:
        changes.altered[address] = statements


def alteration(changes: Changes, address: Address) -> list[str] | None:
    """The statements that change an object in place, or None where it must be made anew."""
    old, new = changes.before.get(address), changes.after.get(address)
    if isinstance(old, Column) and isinstance(new, Column):
        old = _after_parents(changes, old, new)
        return columns.alter(old, new, changes.context, retyped=address in changes.retyped)
    if old is None or new is None or type(old) is not type(new):
        return None
    return writer_for(new).alter(old, new, changes.context)


_RECURSING = (
    "type",
    "collation",
    "not_null",
    "default",
    "generated",
    "storage",
    "compression",
    "statistics",
)
"""What ALTER COLUMN of a parent does to its children too."""


def _after_parents(changes: Changes, old: Column, new: Column) -> Column:
    """An inherited column as the same change of its parents leaves it."""
    if new.inherited == 0:
        return old
    recursing = (*_RECURSING, "identity") if _shares_identity(changes, new) else _RECURSING
    for address in same_in_parents(changes.after, new.address):
        before, after = changes.before.get(address), changes.after.get(address)
        if isinstance(before, Column) and isinstance(after, Column):
            taken = {
                name: getattr(after, name)
                for name in recursing
                if getattr(before, name) != getattr(after, name) == getattr(new, name)
            }
            old = replace(old, **taken)
    return old


def _shares_identity(changes: Changes, column: Column) -> bool:
    """Whether a column's identity is its parent's: that of partitions, from 17 on."""
    table = changes.after.tables.get(column.name)
    return table is not None and table.is_partition and changes.after.major >= 17
