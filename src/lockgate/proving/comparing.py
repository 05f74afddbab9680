"""Compares states, and says of each difference which file is to blame for it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lockgate.catalog.compare import diff
from lockgate.catalog.differences import Change, Difference, Differences
from lockgate.catalog.snapshot import Snapshot
from lockgate.proving import checksums
from lockgate.proving.state import State


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a state lacks to be the one it should be.

    ``schema`` and ``data`` hold one sentence for each difference, ``order`` those about the order of columns, which
    PostgreSQL cannot restore and which counts as no fault.
    """

    schema: tuple[str, ...] = ()
    data: tuple[str, ...] = ()
    order: tuple[str, ...] = ()

    @property
    def is_exact(self) -> bool:
        """Whether the schemas are equal, the order of columns aside."""
        return not self.schema


def after_rollback(before: State, applied: State, undone: State) -> Comparison:
    """The state after a rollback against the one before the migration; ``applied`` is the one in between."""
    found = differences(before.schema, undone.schema)
    return Comparison(
        schema=tuple(_blame(item, before, applied) for item in found.without_order),
        data=tuple(checksums.lost(before.contents, undone.contents)),
        order=_order(found),
    )


def after_repetition(first: State, second: State) -> Comparison:
    """The state after a second run of a migration against the one after its first."""
    found = differences(first.schema, second.schema)
    return Comparison(
        schema=tuple(str(item) for item in found.without_order),
        data=tuple(_counts(first, second)),
        order=_order(found),
    )


def differences(before: Snapshot, after: Snapshot) -> Differences:
    """What differs between two schemas; equal ones are recognised before anything is sorted."""
    if before.objects == after.objects:
        return Differences((), before=before, after=after)
    return diff(before, after)


def changes_anything(before: State, after: State) -> bool:
    """Whether two states differ at all, be it in the order of columns."""
    return bool(differences(before.schema, after.schema)) or before.contents.tables != after.contents.tables


def _blame(item: Difference, before: State, applied: State) -> str:
    if item.change is Change.REMOVED:
        old, between = before.schema.get(item.address), applied.schema.get(item.address)
        if between is None:
            return f"{item}: the migration drops it and the rollback does not bring it back"
        untouched = old == between
        return f"{item}: the rollback drops it" + (", which the migration did not make" if untouched else "")
    if item.change is Change.ADDED:
        if item.address in applied.schema:
            return f"{item}: the migration makes it and the rollback leaves it there"
        return f"{item}: the rollback makes it, and it was not there before"
    return str(item)


def _order(found: Differences) -> tuple[str, ...]:
    return tuple(str(item) for item in found if item.change is Change.REORDERED)


def _counts(first: State, second: State) -> Iterator[str]:
    """Tables with another number of rows; the rows themselves may hold times and random values."""
    names = sorted({*first.contents.tables, *second.contents.tables})
    for name in names:
        one, two = first.contents.tables.get(name), second.contents.tables.get(name)
        rows = [table.rows if table else 0 for table in (one, two)]
        if rows[0] != rows[1]:
            yield f"table {name} held {rows[0]:,} rows after the first time and holds {rows[1]:,} now"
