"""Tables that become logged or unlogged: a logged table may not refer to an unlogged one, not even in between."""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.catalog.address import Address, Kind
from lockgate.catalog.model import Table
from lockgate.catalog.snapshot import Snapshot


def first_of_all(address: Address, before: Snapshot, after: Snapshot) -> Iterator[Address]:
    """The tables whose persistence has to change before that of the table at an address."""
    old, new = before.get(address), after.get(address)
    if not (isinstance(old, Table) and isinstance(new, Table)) or old.persistence == new.persistence:
        return
    if new.persistence == "unlogged":
        others = {constraint.name for constraint in before.references_to(new.name)}
    else:
        others = {
            constraint.references
            for constraint in before.constraints_of(new.name)
            if constraint.references is not None
        }
    yield from (Address(Kind.TABLE, other.schema, other.name) for other in sorted(others - {new.name}))
