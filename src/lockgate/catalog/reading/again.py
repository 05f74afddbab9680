"""Reads a schema again by reading only what changed since it was read last.

Whoever proves a migration looks at one database many times, and hardly anything differs from one look to the next.
What changed is told by the places (``ctid``) and transactions (``xmin``) of catalog rows, summed up for each relation
and routine: see ``queries/versions.sql``. Types and publications are few and are read as wholes. Where anything else
changed (a role, an extension), or a name did, on which texts elsewhere depend, the whole schema is read anew. The tests
compare both ways of reading over every kind of DDL.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Final

import psycopg

from lockgate.catalog.address import RELATIONS, Address, Kind
from lockgate.catalog.model import CatalogObject, EnumType, Index, Relation, Routine, Sequence
from lockgate.catalog.reading import fetch, narrowed
from lockgate.catalog.reading.builder import Class
from lockgate.catalog.reading.read import assemble, read
from lockgate.catalog.scope import Scope
from lockgate.catalog.snapshot import NOTHING, Snapshot
from lockgate.sql.identifiers import QualifiedName

Key = tuple[str, int]
Versions = Mapping[Key, tuple[int, int]]

_MOST_CHANGED: Final = 60
"""Above so many changed relations, reading everything is faster."""

_PARTS: Final = frozenset({Kind.CONSTRAINT, Kind.TRIGGER, Kind.RULE, Kind.POLICY, Kind.INDEX})
_OF_KINDS: Final = {
    "tables": frozenset("rpf"),
    "views": frozenset("vm"),
    "sequences": frozenset("S"),
    "columns": frozenset("rpfvm"),
}
_OF_FLAGS: Final = ("constraints", "indexes", "triggers", "rules", "policies")
_BY_OID_KNOWN: Final = (Relation, Routine, Sequence, Index)


@dataclass(frozen=True, slots=True)
class Seen:
    """A schema together with what tells whether it is still that one.

    ``whole`` is true when all of it was read, false when the parts that did not change were taken over; the snapshot
    then has no dependencies. ``frame`` has the rows of schemas and roles, which every reading needs.
    """

    snapshot: Snapshot
    versions: Versions
    frame: fetch.Rows = field(repr=False)
    whole: bool = True


def see(connection: psycopg.Connection[Any], scope: Scope, before: Seen | None = None) -> Seen:
    """The schema now, as :func:`lockgate.catalog.reading.read.read` would give it.

    ``before`` is how it was seen last under the same scope, in this database or in the one it was cloned from file by
    file. The connection must be a superuser's.
    """
    rows = narrowed.run(connection, "versions", fetch.query("versions", fetch.OLDEST), {})
    versions = {(row["kind"], row["oid"]): (int(row["total"]), row["parts"]) for row in rows}
    if before is not None:
        if versions == before.versions:
            return before
        partly = _partly(connection, scope, before, versions)
        if partly is not None:
            return Seen(partly, versions, before.frame, whole=False)
    snapshot = read(connection, scope)
    return Seen(snapshot, versions, _frame(connection, scope, snapshot.major))


@dataclass(frozen=True, slots=True)
class _Section:
    """Objects of a few kinds that are read together: the catalogs they stand in, and the queries that read them."""

    classes: frozenset[int]
    queries: tuple[str, ...]
    kinds: frozenset[Kind]


_TYPES: Final = _Section(
    frozenset({Class.TYPE, 3501, 3541}),
    ("enums", "domains", "ranges", "base_types"),
    frozenset({Kind.TYPE, Kind.DOMAIN}),
)
_DOMAIN_CONSTRAINTS: Final = _Section(
    frozenset({Class.CONSTRAINT}), (narrowed.DOMAIN_CONSTRAINTS,), frozenset({Kind.DOMAIN_CONSTRAINT})
)
_PUBLICATIONS: Final = _Section(
    frozenset({Class.PUBLICATION, Class.PUBLISHED_TABLE, 6237}),
    ("publications", "published_tables"),
    frozenset({Kind.PUBLICATION}),
)
_SECTIONS: Final = (_TYPES, _DOMAIN_CONSTRAINTS, _PUBLICATIONS)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What is to be read anew."""

    relations: frozenset[int]
    routines: frozenset[int]
    sections: tuple[_Section, ...]

    @property
    def oids(self) -> frozenset[int]:
        return self.relations | self.routines

    def among(self, snapshot: Snapshot) -> dict[int, CatalogObject]:
        """The objects of a snapshot that are to be read anew, by oid."""
        oids = self.oids
        kinds = {kind for section in self.sections for kind in section.kinds}
        return {
            item.oid: item
            for address, item in snapshot.objects.items()
            if (item.oid in oids and isinstance(item, _BY_OID_KNOWN))
            or (address.kind in kinds and not isinstance(item, Relation))
        }


def _frame(connection: psycopg.Connection[Any], scope: Scope, major: int) -> fetch.Rows:
    schemas = fetch._run(connection, "schemas", major, fetch._schema_filter(scope))
    return {"schemas": schemas, "roles": fetch._run(connection, "roles", major, {})}


def _partly(
    connection: psycopg.Connection[Any], scope: Scope, before: Seen, versions: Versions
) -> Snapshot | None:
    """The snapshot with what changed read anew, or None when that would not do."""
    keys = versions.keys() | before.versions.keys()
    changed = {key for key in keys if versions.get(key) != before.versions.get(key)}
    wanted = _wanted(connection, changed)
    if wanted is None:
        return None
    found = _read(connection, scope, before, wanted)
    known, new = wanted.among(before.snapshot), wanted.among(found)
    if not wanted.oids <= known.keys() | new.keys() or _has_renames(known, new):
        return None
    if _has_renames(_indexes(before.snapshot), _indexes(found)):
        return None
    return _merged(before.snapshot, found, known.values())


def _wanted(connection: psycopg.Connection[Any], changed: set[Key]) -> _Wanted | None:
    """What the changes come down to; None when that is too much, or nothing that is read by itself."""
    others = {oid for kind, oid in changed if kind == "x"}
    sections = tuple(section for section in _SECTIONS if section.classes & others)
    if len(changed) > _MOST_CHANGED or others - {one for section in sections for one in section.classes}:
        return None
    relations = {oid for kind, oid in changed if kind == "r"}
    affected = changed | _readers(connection, relations)
    return _Wanted(
        relations=frozenset(oid for kind, oid in affected if kind == "r"),
        routines=frozenset(oid for kind, oid in affected if kind == "f"),
        sections=sections,
    )


def _readers(connection: psycopg.Connection[Any], relations: set[int]) -> set[Key]:
    """The relations whose view, rule or policy reads some relations, and the routines that do."""
    if not relations:
        return set()
    text = fetch.query("readers", fetch.OLDEST)
    found = narrowed.run(connection, "readers", text, {"relations": sorted(relations)})
    return {(row["kind"], row["oid"]) for row in found}


def _read(connection: psycopg.Connection[Any], scope: Scope, before: Seen, wanted: _Wanted) -> Snapshot:
    """A snapshot of nothing but some relations with all their parts, some routines and some sections."""
    around = _around(connection, wanted.relations)
    named = [row for row in around if row["kind"] is not None]
    names = {QualifiedName(row["schema"], row["name"]) for row in named}
    values: narrowed.Values = {
        "schemas": [row["oid"] for row in before.frame["schemas"]],
        "members": scope.members,
        "relations": sorted(wanted.relations),
        "columns_of": sorted(wanted.relations | {row["oid"] for row in around}),
        "routines": sorted(wanted.routines),
        "schema_names": sorted({name.schema for name in names}),
        "relation_names": sorted({name.name for name in names}),
    }
    whole = ["comments", "labels", *(query for section in wanted.sections for query in section.queries)]
    queries = list(_queries(named, wanted))
    rows = narrowed.fetch_narrowed(connection, before.snapshot.major, queries, whole, values)
    for query in ("triggers", "rules", "policies"):
        rows[query] = [row for row in rows[query] if QualifiedName(row["schema"], row["name"]) in names]
    return assemble(_context(before.snapshot), rows | {"roles": before.frame["roles"]})


def _queries(relations: Iterable[fetch.Row], wanted: _Wanted) -> Iterator[str]:
    """The queries that can have rows at all: what a relation does not have is not asked for."""
    known = list(relations)
    kinds = {row["kind"] for row in known}
    yield from (query for query, of in _OF_KINDS.items() if kinds & of)
    yield from (query for query in _OF_FLAGS if any(row[query] for row in known))
    if wanted.routines:
        yield from ("routines", "aggregates")


def _around(connection: psycopg.Connection[Any], relations: frozenset[int]) -> list[fetch.Row]:
    """Some relations by name, and the targets of their foreign keys: a key names their columns."""
    if not relations:
        return []
    text = fetch.query("around", fetch.OLDEST)
    return narrowed.run(connection, "around", text, {"relations": sorted(relations)}).fetchall()


def _context(before: Snapshot) -> fetch.Row:
    return {
        "major": before.major,
        "database": before.database,
        "user": before.user,
        "database_oid": 0,
        "system": None,
    }


def _has_renames(known: Mapping[int, CatalogObject], new: Mapping[int, CatalogObject]) -> bool:
    """Whether an object, or a column, has another name than before: texts elsewhere may mention it."""
    return any(oid in new and _is_renamed(old, new[oid]) for oid, old in known.items())


def _indexes(snapshot: Snapshot) -> dict[int, CatalogObject]:
    """Indexes by oid: those of partitions name the index that they are attached to."""
    return {item.oid: item for item in snapshot.objects.values() if isinstance(item, Index)}


def _is_renamed(old: CatalogObject, new: CatalogObject) -> bool:
    if old.address != new.address:
        return True
    before, after = _inner_names(old), _inner_names(new)
    return any(after.get(key, name) != name for key, name in before.items())


def _inner_names(item: CatalogObject) -> dict[int, str]:
    """Names inside an object by what stays when they change: columns by number, labels of an enum by oid."""
    if isinstance(item, Relation):
        return {column.position: column.column for column in item.columns}
    if isinstance(item, EnumType):
        return dict(zip(item.label_oids, item.values, strict=True))
    return {}


def _merged(before: Snapshot, found: Snapshot, known: Iterable[CatalogObject]) -> Snapshot:
    stale = {item.address for item in known}
    tables = {(address.schema, address.name) for address in stale if address.kind in RELATIONS}
    kept = {
        address: item
        for address, item in before.objects.items()
        if address not in stale and not (address.kind in _PARTS and _place(address, item) in tables)
    }
    objects = MappingProxyType(kept | dict(found.objects))
    return replace(before, objects=objects, depends=NOTHING)


def _place(address: Address, item: CatalogObject) -> tuple[str, str]:
    """The relation that a part belongs to."""
    return (item.table.schema, item.table.name) if isinstance(item, Index) else (address.schema, address.name)
