"""Who needs whom, by address."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from lockgate.catalog.address import Address, Kind
from lockgate.catalog.model import DefaultPrivileges, Publication, Relation, Sequence, Table
from lockgate.catalog.reading.builder import Builder, Class, Id


class Dependencies(Mapping[Address, frozenset[Address]]):
    """What each object needs, worked out when it is first asked for: whoever only compares never asks."""

    def __init__(self, build: Builder) -> None:
        self._build: Builder | None = build
        self._found: Mapping[Address, frozenset[Address]] = {}

    def _all(self) -> Mapping[Address, frozenset[Address]]:
        if self._build is not None:
            self._found, self._build = read_dependencies(self._build), None
        return self._found

    def __getitem__(self, address: Address) -> frozenset[Address]:
        return self._all()[address]

    def __iter__(self) -> Iterator[Address]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())


def read_dependencies(build: Builder) -> Mapping[Address, frozenset[Address]]:
    """What each object needs, as the server recorded it.

    Ownership of a sequence by a column is not among them: :class:`Sequence` says it, and it runs against the need of
    the column's default for the sequence.
    """
    _learn_made_types(build)
    _learn_view_rules(build)
    _learn_inner_objects(build)
    found: dict[Address, set[Address]] = defaultdict(set)
    for needing, needed in _pairs(build):
        if needing != needed and not _is_ownership(needing, needed):
            found[needing].add(needed)
    _add_implied(build, found)
    return MappingProxyType({address: frozenset(items) for address, items in found.items()})


def _pairs(build: Builder) -> Iterator[tuple[Address, Address]]:
    for needing_id, needed_id, _ in _recorded(build):
        needing = build.addresses.get(needing_id)
        if needing is None:
            continue
        needed = _target(build, needed_id)
        if needed is not None and needed.owner != needing:
            yield needing, needed


def _recorded(build: Builder) -> Iterator[tuple[Id, Id, str]]:
    rows: Any = build.rows["dependencies"]
    for row in rows:
        yield row[0:3], row[3:6], row[6]


def _target(build: Builder, key: Id) -> Address | None:
    found = build.addresses.get(key) or build.addresses.get((key[0], key[1], 0))
    if found is not None:
        return found
    extension = build.members.get(key[:2])
    return Address(Kind.EXTENSION, "", extension) if extension else None


def _is_ownership(needing: Address, needed: Address) -> bool:
    return needing.kind is Kind.SEQUENCE and needed.kind in (Kind.COLUMN, Kind.TABLE)


def _learn_made_types(build: Builder) -> None:
    for row in build.rows["array_types"]:
        base = build.addresses.get((Class.TYPE, row["base"], 0))
        if base is not None:
            build.know(base, (Class.TYPE, row["made"], 0))
        elif extension := build.members.get((int(Class.TYPE), row["base"])):
            build.members[(int(Class.TYPE), row["made"])] = extension


def _learn_view_rules(build: Builder) -> None:
    for row in build.rows["view_rules"]:
        if view := build.addresses.get((Class.RELATION, row["relation"], 0)):
            build.know(view, (Class.REWRITE, row["oid"], 0))


def _learn_inner_objects(build: Builder) -> None:
    """What is internal to an object of ours (an operator class's operators) stands for that object."""
    for key, outer_key, deptype in _recorded(build):
        if deptype == "i" and key not in build.addresses:
            outer = build.addresses.get(outer_key)
            if outer is not None and outer.kind in (Kind.OPERATOR_CLASS, Kind.OPERATOR_FAMILY):
                build.know(outer, key)


def _add_implied(build: Builder, found: dict[Address, set[Address]]) -> None:
    for item in build.objects.values():
        where = item.address
        if where.schema:
            found[where].add(Address(Kind.SCHEMA, "", where.schema))
        if isinstance(item, DefaultPrivileges):
            continue
        if isinstance(item, Table):
            found[where] |= {Address(Kind.TABLE, parent.schema, parent.name) for parent in item.inherits}
        if isinstance(item, Relation):
            for column in item.columns:
                found[column.address].add(where)
        if isinstance(item, Sequence) and item.internal:
            found[where].discard(where)
        if isinstance(item, Publication):
            found[where] |= {Address(Kind.SCHEMA, "", name) for name in item.schemas}
