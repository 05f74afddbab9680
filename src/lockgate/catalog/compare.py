"""Compares two snapshots object by object."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

from lockgate.catalog.address import Address, Grant, Kind
from lockgate.catalog.canonical import compared, compared_fields
from lockgate.catalog.carrying import carried_over
from lockgate.catalog.differences import Change, Difference, Differences
from lockgate.catalog.model import (
    CatalogObject,
    Index,
    PublishedTable,
    Relation,
    Sequence,
)
from lockgate.catalog.renames import match_by_oid
from lockgate.catalog.snapshot import Snapshot
from lockgate.sql.identifiers import QualifiedName


def diff(before: Snapshot, after: Snapshot) -> Differences:
    """Every difference between two snapshots, in the order of addresses.

    Snapshots of one database are matched by oid first, so that a rename is told from a drop and a create. An object
    that is new or gone is one difference; its columns, and what only follows it, are not listed one by one.
    """
    matching = match_by_oid(before, after)
    moved = carried_over(before, after, matching)
    renamed = [
        Difference(rename.new, Change.RENAMED, "name", str(rename.old), str(rename.new))
        for rename in matching.renames
    ]
    found = [item for address in _addresses(moved, after) for item in _compare(moved, after, address)]
    return Differences([*renamed, *found], before=moved, after=after, renames=matching.renames)


def _addresses(before: Snapshot, after: Snapshot) -> list[Address]:
    return sorted(set(before.objects) | set(after.objects))


def _compare(before: Snapshot, after: Snapshot, address: Address) -> Iterator[Difference]:
    old, new = before.objects.get(address), after.objects.get(address)
    if old is None and new is not None:
        if not follows_another(after, new):
            yield Difference(address, Change.ADDED)
    elif new is None and old is not None:
        if not follows_another(before, old):
            yield Difference(address, Change.REMOVED)
    # Most are equal, which the generated comparison tells much faster than a look at each field.
    elif old is not None and new is not None and old is not new and old != new:
        yield from _fields(old, new)
        if isinstance(old, Relation) and isinstance(new, Relation):
            yield from _columns(old, new)


def follows_another(snapshot: Snapshot, item: CatalogObject) -> bool:
    """Whether an object is made and dropped by the server together with another one that is listed itself."""
    if item.extension is not None and Address(Kind.EXTENSION, "", item.extension) in snapshot.objects:
        return True
    if isinstance(item, Index):
        return item.constraint is not None
    return isinstance(item, Sequence) and item.internal


def _fields(old: CatalogObject, new: CatalogObject) -> Iterator[Difference]:
    if old.__class__ is not new.__class__:
        yield Difference(old.address, Change.CHANGED, "sort", type(old).__name__, type(new).__name__)
        return
    names = compared_fields(cast(Any, type(old)))
    for field, before, after in zip(names, compared(old), compared(new), strict=True):
        if before != after:
            yield Difference(new.address, Change.CHANGED, field, in_words(before), in_words(after))


def _columns(old: Relation, new: Relation) -> Iterator[Difference]:
    before, after = set(old.column_names), set(new.column_names)
    for column in old.columns:
        if column.column not in after:
            yield Difference(column.address, Change.REMOVED)
    for column in new.columns:
        previous = old.column(column.column)
        if previous is None:
            yield Difference(column.address, Change.ADDED)
        elif previous is not column:
            yield from _fields(previous, column)
    stayed_before = [name for name in old.column_names if name in after]
    stayed_after = [name for name in new.column_names if name in before]
    if stayed_before != stayed_after:
        yield Difference(
            new.address, Change.REORDERED, "columns", ", ".join(stayed_before), ", ".join(stayed_after)
        )


def in_words(value: Any) -> str | None:
    """A field's value for people; None for nothing."""
    match value:
        case None | "" | ():
            return None
        case bool():
            return "yes" if value else "no"
        case str():
            return value
        case QualifiedName():
            return str(value)
        case Grant():
            option = " with grant option" if value.grantable else ""
            return f"{value.privilege} to {value.grantee or 'PUBLIC'}{option}"
        case PublishedTable():
            columns = f" ({', '.join(value.columns)})" if value.columns else ""
            return f"{value.table}{columns}" + (f" where {value.where}" if value.where else "")
        case (str() as name, str() as text):
            return f"{name}={text}"
        case tuple():
            return ", ".join(words for item in value if (words := in_words(item)))
    return str(value)


def kinds(differences: Differences) -> frozenset[Kind]:
    """The kinds of objects that differ."""
    return frozenset(item.address.kind for item in differences)
