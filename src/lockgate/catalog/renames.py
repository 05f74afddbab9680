"""Objects that kept their oid and changed their name.

Only two snapshots of one living database may be matched by oid: elsewhere the same number is another object.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from lockgate.catalog.address import ROUTINES, Address, Kind
from lockgate.catalog.model import (
    CatalogObject,
    Column,
    Constraint,
    Index,
    Relation,
    Sequence,
    Trigger,
)
from lockgate.catalog.snapshot import Snapshot
from lockgate.sql.identifiers import QualifiedName, derived_name


@dataclass(frozen=True, slots=True)
class Rename:
    """One object that somebody renamed or moved; what only follows its schema or relation is not listed."""

    old: Address
    new: Address


@dataclass(frozen=True, slots=True)
class Matching:
    """Old addresses and the new ones, for everything whose address changed; and the renames that explain them."""

    addresses: Mapping[Address, Address]
    renames: tuple[Rename, ...]


NONE = Matching(MappingProxyType({}), ())


def match_by_oid(before: Snapshot, after: Snapshot) -> Matching:
    """Find what was renamed between two snapshots; nothing when they are not of one database."""
    if before.origin is None or before.origin != after.origin:
        return NONE
    now = dict(_identified(after))
    found = {address: now[key] for key, address in _identified(before) if key in now and now[key] != address}
    if not found:
        return NONE
    found |= _out_of_the_way(before, found)
    return Matching(MappingProxyType(found), tuple(_explicit(before, after, found)))


def _out_of_the_way(before: Snapshot, found: Mapping[Address, Address]) -> dict[Address, Address]:
    """Spare names for what bears a name that something else is renamed to, and is not renamed itself: it will go."""
    wanted = set(found.values())
    relations = {address for address in before.objects if address in wanted and address not in found}
    spare = {address: spare_name(address) for address in relations if not address.part}
    homes = {address.qualified for address in spare}
    columns = (column.address for item in before.of_type(Relation) for column in item.columns)
    for address in (*relations, *columns):
        if address.part and address in wanted and address not in found and address.qualified not in homes:
            spare[address] = spare_name(address)
    return spare


def spare_name(address: Address) -> Address:
    """A name for an object that must step aside for a moment."""
    if address.part and address.kind not in ROUTINES:
        return replace(address, part=derived_name(address.part, suffix="__moving"))
    return replace(address, name=derived_name(address.name, suffix="__moving"))


def _identified(snapshot: Snapshot) -> Iterator[tuple[tuple[str, int, int], Address]]:
    """Every object and column with what identifies it as long as it lives."""
    for item in snapshot.objects.values():
        if item.oid:
            yield (_family(item), item.oid, 0), item.address
        if isinstance(item, Relation):
            for column in item.columns:
                if column.oid and column.position:
                    yield ("column", column.oid, column.position), column.address


def _family(item: CatalogObject) -> str:
    """The kind, so that an index which became a constraint's is not taken for a renamed one."""
    if isinstance(item, Index):
        return f"index {item.constraint is not None}"
    return item.kind.value


def _explicit(before: Snapshot, after: Snapshot, found: Mapping[Address, Address]) -> Iterator[Rename]:
    for old, new in sorted(found.items()):
        expected = _follow(before, found, old)
        if expected == new or _only_types_changed(expected, new):
            continue
        if not _follows_constraint(before.objects.get(old), found) and not _is_inherited(after.get(new)):
            yield Rename(expected, new)


def _is_inherited(item: CatalogObject | None) -> bool:
    """Whether a part came from a parent table, with which it is renamed."""
    if isinstance(item, Column):
        return item.inherited > 0
    return isinstance(item, Constraint | Trigger) and item.inherited


def _follows_constraint(item: CatalogObject | None, found: Mapping[Address, Address]) -> bool:
    """Whether this is the index of a renamed constraint, whose name it bears."""
    if not isinstance(item, Index) or item.constraint is None:
        return False
    return Address(Kind.CONSTRAINT, item.table.schema, item.table.name, item.constraint) in found


def _only_types_changed(expected: Address, new: Address) -> bool:
    """Whether a routine only has another signature because an argument's type was renamed."""
    spelled = ROUTINES | {Kind.OPERATOR, Kind.CAST, Kind.TRANSFORM}
    return new.kind in spelled and (
        (expected.schema, expected.name) == (new.schema, new.name) or new.kind in (Kind.CAST, Kind.TRANSFORM)
    )


def _follow(before: Snapshot, found: Mapping[Address, Address], old: Address) -> Address:
    """Where an object stands if nothing but its schema, or the relation that it belongs to, was renamed."""
    parent = _parent(before, old)
    if parent is not None and parent in found:
        new = found[parent]
        if old.kind in (Kind.INDEX, Kind.SEQUENCE):
            return replace(old, schema=new.schema)
        return replace(old, schema=new.schema, name=new.name)
    schema = found.get(Address(Kind.SCHEMA, "", old.schema)) if old.schema else None
    return replace(old, schema=schema.name) if schema else old


def _parent(before: Snapshot, address: Address) -> Address | None:
    item = before.objects.get(address)
    if isinstance(item, Index):
        return _relation_address(before, item.table)
    if isinstance(item, Sequence) and item.owned_by:
        return _relation_address(before, QualifiedName(*item.owned_by[:2]))
    if address.kind is Kind.DOMAIN_CONSTRAINT:
        return Address(Kind.DOMAIN, address.schema, address.name)
    if address.kind in (Kind.COLUMN, Kind.CONSTRAINT, Kind.TRIGGER, Kind.RULE, Kind.POLICY):
        return _relation_address(before, address.qualified)
    return None


def _relation_address(before: Snapshot, name: QualifiedName) -> Address | None:
    relation = before.relations.get(name)
    return relation.address if relation else Address(Kind.TYPE, name.schema, name.name)
