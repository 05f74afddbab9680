"""A schema with one object more, less or other than it has, and the statements that lead there and back.

The catalog room knows what has to step aside: views over views, policies that call a function, grants and comments of
what is made anew. It all happens in one transaction, so that nobody sees a moment without it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from types import MappingProxyType

from lockgate.catalog.address import Address
from lockgate.catalog.compare import diff
from lockgate.catalog.model import CatalogObject
from lockgate.catalog.script.write import as_sql
from lockgate.catalog.snapshot import Snapshot


def without(snapshot: Snapshot, *addresses: Address) -> Snapshot:
    """The schema without some objects and their parts."""
    indexes = {
        item.address
        for address in addresses
        if not address.part
        for item in snapshot.indexes_of(address.qualified)
    }
    kept = {
        place: item
        for place, item in snapshot.objects.items()
        if place not in addresses
        and place not in indexes
        and not any(_is_part(place, address) for address in addresses)
    }
    return replace(snapshot, objects=MappingProxyType(kept))


def _is_part(place: Address, whole: Address) -> bool:
    return bool(place.part) and not whole.part and place.qualified == whole.qualified


def instead(snapshot: Snapshot, items: Iterable[CatalogObject]) -> Snapshot:
    """The schema with some objects as they shall be."""
    return replace(
        snapshot, objects=MappingProxyType({**snapshot.objects, **{item.address: item for item in items}})
    )


def way(before: Snapshot, after: Snapshot) -> tuple[str, ...]:
    """The statements from one schema to the other, for one transaction."""
    return as_sql(diff(before, after))
