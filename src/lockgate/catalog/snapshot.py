"""A whole schema as one frozen value, and the questions that can be asked of it."""

from __future__ import annotations

import functools
import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TypeVar

from lockgate.catalog.address import PARTS, RELATIONS, Address, Kind
from lockgate.catalog.canonical import canonical_lines, order_lines
from lockgate.catalog.model import (
    CatalogObject,
    Column,
    Constraint,
    Index,
    Policy,
    Relation,
    Routine,
    Sequence,
    Table,
    Trigger,
    View,
)
from lockgate.sql.identifiers import QualifiedName

T = TypeVar("T", bound=CatalogObject)

NOTHING: Mapping[Address, frozenset[Address]] = MappingProxyType({})


@dataclass(frozen=True)
class Snapshot:
    """The objects of one database by address, and which of them needs which.

    ``origin`` identifies the database while it lives (two snapshots with one origin may be matched by oid, which tells
    a rename from a drop and a create). ``user`` is who read it. ``depends`` maps an address to those that it needs.
    ``notes`` tell what was seen and could not be represented, such as a grant to a role that no longer exists.
    """

    major: int
    database: str = ""
    user: str = ""
    origin: str | None = None
    objects: Mapping[Address, CatalogObject] = field(default_factory=lambda: MappingProxyType({}))
    depends: Mapping[Address, frozenset[Address]] = field(default_factory=lambda: NOTHING)
    notes: tuple[str, ...] = ()

    def get(self, address: Address) -> CatalogObject | None:
        """The object, or column, at an address."""
        if address.kind is Kind.COLUMN:
            return self.column(address.qualified, address.part)
        return self.objects.get(address)

    def __contains__(self, address: object) -> bool:
        return isinstance(address, Address) and self.get(address) is not None

    def __len__(self) -> int:
        return len(self.objects)

    def of_type(self, cls: type[T]) -> Iterator[T]:
        """Every object of a class, in the order of addresses."""
        return (item for item in self.objects.values() if isinstance(item, cls))

    @functools.cached_property
    def tables(self) -> Mapping[QualifiedName, Table]:
        """Tables of every sort by name."""
        return {table.name: table for table in self.of_type(Table)}

    @functools.cached_property
    def relations(self) -> Mapping[QualifiedName, CatalogObject]:
        """Tables, views, indexes and sequences by name: they share one space of names."""
        return {item.name: item for item in self.objects.values() if item.kind in RELATIONS}

    def table(self, schema: str, name: str) -> Table | None:
        """The table of that name, or None."""
        return self.tables.get(QualifiedName(schema, name))

    def relation(self, name: QualifiedName) -> Relation | None:
        """The table, view or materialised view of that name, or None."""
        found = self.relations.get(name)
        return found if isinstance(found, Relation) else None

    def column(self, relation: QualifiedName, column: str) -> Column | None:
        """One column of a table, view or composite type, or None."""
        found = self.relation(relation) or self.objects.get(
            Address(Kind.TYPE, relation.schema, relation.name)
        )
        return found.column(column) if isinstance(found, Relation) else None

    def resolve(self, name: QualifiedName, search_path: Iterable[str] = ("public",)) -> QualifiedName:
        """The full name of a relation that may come without a schema; the first schema of the path if unknown."""
        if name.schema:
            return name
        path = tuple(search_path)
        candidates = [QualifiedName(schema, name.name) for schema in path]
        found = next((candidate for candidate in candidates if candidate in self.relations), None)
        return found or QualifiedName(path[0] if path else "public", name.name)

    @functools.cached_property
    def _parts(self) -> Mapping[QualifiedName, tuple[CatalogObject, ...]]:
        parts: dict[QualifiedName, list[CatalogObject]] = defaultdict(list)
        for item in self.objects.values():
            if isinstance(item, Index):
                parts[item.table].append(item)
            elif item.address.kind in PARTS:
                parts[item.name].append(item)
        return {name: tuple(items) for name, items in parts.items()}

    def parts(self, relation: QualifiedName) -> tuple[CatalogObject, ...]:
        """Constraints, indexes, triggers, rules and policies of a relation."""
        return self._parts.get(relation, ())

    def constraints_of(self, relation: QualifiedName) -> tuple[Constraint, ...]:
        """The constraints of a table or domain."""
        return tuple(item for item in self.parts(relation) if isinstance(item, Constraint))

    def indexes_of(self, relation: QualifiedName) -> tuple[Index, ...]:
        """The indexes of a table or materialised view."""
        return tuple(item for item in self.parts(relation) if isinstance(item, Index))

    def triggers_of(self, relation: QualifiedName) -> tuple[Trigger, ...]:
        """The triggers of a table or view."""
        return tuple(item for item in self.parts(relation) if isinstance(item, Trigger))

    def policies_of(self, relation: QualifiedName) -> tuple[Policy, ...]:
        """The policies of a table."""
        return tuple(item for item in self.parts(relation) if isinstance(item, Policy))

    def primary_key(self, relation: QualifiedName) -> Constraint | None:
        """The primary key of a table, or None."""
        return next((item for item in self.constraints_of(relation) if item.type == "primary key"), None)

    def references_to(self, relation: QualifiedName) -> tuple[Constraint, ...]:
        """The foreign keys that point to a table."""
        return self._references.get(relation, ())

    @functools.cached_property
    def _references(self) -> Mapping[QualifiedName, tuple[Constraint, ...]]:
        found: dict[QualifiedName, list[Constraint]] = defaultdict(list)
        for item in self.of_type(Constraint):
            if item.references:
                found[item.references].append(item)
        return {name: tuple(items) for name, items in found.items()}

    def children(self, relation: QualifiedName) -> tuple[Table, ...]:
        """The partitions or inheriting tables directly below a table."""
        return tuple(table for table in self.tables.values() if relation in table.inherits)

    def routines(self, name: QualifiedName) -> tuple[Routine, ...]:
        """Every function, procedure or aggregate of a name."""
        return tuple(item for item in self.of_type(Routine) if item.name == name)

    def sequences_of(self, relation: QualifiedName) -> tuple[Sequence, ...]:
        """The sequences that belong to columns of a table."""
        key = (relation.schema, relation.name)
        return tuple(item for item in self.of_type(Sequence) if item.owned_by and item.owned_by[:2] == key)

    def views(self) -> tuple[View, ...]:
        """Every view and materialised view."""
        return tuple(self.of_type(View))

    @functools.cached_property
    def dependents(self) -> Mapping[Address, frozenset[Address]]:
        """Which objects need an address, directly."""
        found: dict[Address, set[Address]] = defaultdict(set)
        for needing, needed in self.depends.items():
            for address in needed:
                found[address].add(needing)
        return {address: frozenset(items) for address, items in found.items()}

    def all_dependents(self, addresses: Iterable[Address]) -> frozenset[Address]:
        """Every object that needs one of them, directly or through others; they themselves are not among them."""
        start = set(addresses)
        seen: set[Address] = set()
        waiting = list(start)
        while waiting:
            for address in self.dependents.get(waiting.pop(), ()):
                if address not in seen and address not in start:
                    seen.add(address)
                    waiting.append(address)
        return frozenset(seen)

    def only(self, keep: Callable[[Address], bool]) -> Snapshot:
        """A smaller snapshot: the objects whose address passes."""
        objects = {address: item for address, item in self.objects.items() if keep(address)}
        return replace(self, objects=MappingProxyType(objects))

    def fingerprint(self) -> str:
        """SHA-256 over all that is compared, in hex.

        Equal schemas have equal fingerprints in every database: no oid and no order of columns goes in (see
        :meth:`order_fingerprint`), and definitions go in as they read after a dump and a restore.
        """
        return self._fingerprints[0]

    def order_fingerprint(self) -> str:
        """SHA-256 over the order of columns alone, in hex."""
        return self._fingerprints[1]

    @functools.cached_property
    def _fingerprints(self) -> tuple[str, str]:
        return tuple(  # type: ignore[return-value]
            hashlib.sha256("\n".join(lines).encode("utf-8")).hexdigest()
            for lines in (canonical_lines(self.objects), order_lines(self.objects))
        )
