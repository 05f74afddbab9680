"""Writes the SQL of some differences."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from lockgate.catalog.address import ROUTINES, Address, Kind
from lockgate.catalog.differences import Differences
from lockgate.catalog.model import Extension, Index, Plain
from lockgate.catalog.script.changes import Changes, collect
from lockgate.catalog.script.circles import Opener
from lockgate.catalog.script.closure import close
from lockgate.catalog.script.graph import in_order
from lockgate.catalog.script.operations import Builder
from lockgate.catalog.script.renaming import rename_statements

NO_FILLS: Mapping[Address, tuple[str, ...]] = MappingProxyType({})


def as_sql(differences: Differences, fills: Mapping[Address, tuple[str, ...]] = NO_FILLS) -> tuple[str, ...]:
    """The statements that turn ``differences.before`` into ``differences.after``, in an order that the server accepts.

    Renames come first, then removals, then what is made, each after what it needs. ``fills`` gives statements that put
    rows back into a table, or values into a column, that is made here: they run before constraints, indexes and
    triggers return. The order of columns cannot be changed; see :func:`obstacles` for what cannot be written at all.
    """
    changes = collect(differences.without_order)
    close(changes)
    builder = Builder(changes, fills)
    operations = builder.build()
    ordered = in_order(operations, Opener(builder))
    statements = rename_statements(differences.renames, differences.before)
    statements += [line for operation in ordered for line in operation.sql]
    if _makes_routines(changes):
        statements.insert(0, "SET LOCAL check_function_bodies = off")
    return tuple(statements)


def _makes_routines(changes: Changes) -> bool:
    """Bodies that are mere text are checked against objects that may come later."""
    return any(address.kind in ROUTINES for address in changes.made | set(changes.altered))


def obstacles(differences: Differences) -> tuple[str, ...]:
    """What :func:`as_sql` cannot bring about, each as a sentence."""
    found = []
    for difference in differences.without_order:
        old, new = (side.get(difference.address) for side in (differences.before, differences.after))
        if isinstance(new, Index) and not new.valid and isinstance(old, Index | None):
            found.append(f"{difference.address} was invalid; it can only be made valid or left away")
        if isinstance(new, Plain) and new.kind is Kind.USER_MAPPING and new != old:
            found.append(
                f"{difference.address} has options that must stay secret; they must be written by hand"
            )
        if isinstance(old, Extension) and isinstance(new, Extension) and old.version != new.version:
            found.append(f"{difference.address}: there may be no way from {old.version} to {new.version}")
    return tuple(found)
