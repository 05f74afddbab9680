"""Reads a schema again by reading only what changed since it was read last.

Whoever proves a migration looks at one database many times, and hardly anything differs from one look to the next.
What changed is told by the places (``ctid``) and transactions (``xmin``) of catalog rows, summed up for each relation
and routine: see ``queries/versions.sql``. Where anything else changed (a type, a role, a publication), or a name did,
on which texts elsewhere depend, the whole schema is read anew. The tests compare both ways of reading over every kind
of DDL.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, Final

import psycopg
from psycopg.rows import dict_row

from lockgate.catalog.address import ROUTINES, Address, Kind
from lockgate.catalog.model import CatalogObject, Index, Relation, Routine, Sequence
from lockgate.catalog.reading import fetch
from lockgate.catalog.reading.read import assemble, read
from lockgate.catalog.scope import Scope
from lockgate.catalog.snapshot import NOTHING, Snapshot
from lockgate.sql.identifiers import QualifiedName

Key = tuple[str, int]
Versions = Mapping[Key, tuple[int, int]]

_REST: Final[Key] = ("x", 0)
_MOST_CHANGED: Final = 60
"""Above so many changed relations, reading everything is faster."""

_BY_OID: Final = ("tables", "views", "sequences", "composites")
_BY_RELATION: Final = ("constraints", "indexes")
_BY_NAME: Final = ("triggers", "rules", "policies")
_ROUTINES: Final = ("routines", "aggregates")
_WHOLE: Final = ("comments", "labels", "roles")
_PARTS: Final = frozenset({Kind.CONSTRAINT, Kind.TRIGGER, Kind.RULE, Kind.POLICY})


@dataclass(frozen=True, slots=True)
class Seen:
    """A schema together with what tells whether it is still that one.

    ``whole`` is true when all of it was read, false when the parts that did not change were taken over; the snapshot
    then has no dependencies.
    """

    snapshot: Snapshot
    versions: Versions
    whole: bool = True


def see(connection: psycopg.Connection[Any], scope: Scope, before: Seen | None = None) -> Seen:
    """The schema now, as :func:`lockgate.catalog.reading.read.read` would give it.

    ``before`` is how it was seen last under the same scope, in this database or in the one it was cloned from file by
    file. The connection must be a superuser's.
    """
    rows = connection.execute(fetch.query("versions", fetch.OLDEST)).fetchall()
    versions = {(kind, oid): (int(total), count) for kind, oid, total, count in rows}
    if before is not None:
        if versions == before.versions:
            return before
        partly = _partly(connection, scope, before, versions)
        if partly is not None:
            return Seen(partly, versions, whole=False)
    return Seen(read(connection, scope), versions)


def _partly(
    connection: psycopg.Connection[Any], scope: Scope, before: Seen, versions: Versions
) -> Snapshot | None:
    """The snapshot with what changed read anew, or None when that would not do."""
    keys = versions.keys() | before.versions.keys()
    changed = {key for key in keys if versions.get(key) != before.versions.get(key)}
    if _REST in changed or len(changed) > _MOST_CHANGED:
        return None
    relations = {oid for kind, oid in changed if kind == "r"}
    routines = {oid for kind, oid in changed if kind == "f"}
    readers, by_routine = _readers(connection, relations)
    if by_routine:
        return None
    wanted = _Wanted(frozenset(relations | readers), frozenset(routines))
    found = _read(connection, scope, wanted)
    known = {oid: item for oid, item in _with_oids(before.snapshot) if oid in wanted}
    new = dict(_with_oids(found))
    if not wanted.oids <= known.keys() | new.keys() or _has_renames(known, new):
        return None
    return _merged(before.snapshot, found, known.values())


@dataclass(frozen=True, slots=True)
class _Wanted:
    relations: frozenset[int]
    routines: frozenset[int]

    @property
    def oids(self) -> frozenset[int]:
        return self.relations | self.routines

    def __contains__(self, oid: object) -> bool:
        return oid in self.relations or oid in self.routines


def _readers(connection: psycopg.Connection[Any], relations: set[int]) -> tuple[set[int], bool]:
    """Relations whose views, rules or policies read some relations, and whether a routine does."""
    values = {"relations": sorted(relations)}
    rows = connection.execute(fetch.query("readers", fetch.OLDEST), values).fetchall()
    return {oid for oid, _ in rows if oid}, any(is_routine for _, is_routine in rows)


def _read(connection: psycopg.Connection[Any], scope: Scope, wanted: _Wanted) -> Snapshot:
    """A snapshot of nothing but some relations with all their parts, and some routines."""
    with fetch._quiet_transaction(connection):
        connection.execute(fetch._SETTINGS)
        context = fetch._run(connection, "context", fetch.OLDEST, {})[0]
        major = context["major"]
        schemas = fetch._run(connection, "schemas", major, fetch._schema_filter(scope))
        names = _names(connection, wanted.relations)
        values = {
            "schemas": [row["oid"] for row in schemas],
            "members": scope.members,
            "relations": sorted(wanted.relations),
            "columns_of": sorted(wanted.relations | _referenced(connection, wanted.relations)),
            "routines": sorted(wanted.routines),
            "schema_names": sorted({name.schema for name in names}),
            "relation_names": sorted({name.name for name in names}),
        }
        with connection.pipeline():
            cursors = {name: _start(connection, text, values) for name, text in _texts(major, wanted)}
        rows: fetch.Rows = {name: cursor.fetchall() for name, cursor in cursors.items()}
    for query in _BY_NAME:
        rows[query] = [
            row for row in rows.get(query, []) if QualifiedName(row["schema"], row["name"]) in names
        ]
    nothing: fetch.Rows = {name: [] for name in ("schemas", *fetch.QUERIES)}
    return assemble(context, nothing | rows)


def _texts(major: int, wanted: _Wanted) -> Iterator[tuple[str, str]]:
    for name in _WHOLE:
        yield name, fetch.query(name, major)
    if wanted.relations:
        for name in _BY_OID:
            yield name, _narrowed(name, major, "q.oid = ANY (%(relations)s::oid[])")
        yield "columns", _narrowed("columns", major, "q.relation = ANY (%(columns_of)s::oid[])")
        for name in _BY_RELATION:
            yield name, _narrowed(name, major, "q.relation = ANY (%(relations)s::oid[])")
        for name in _BY_NAME:
            names = "q.schema = ANY (%(schema_names)s::name[]) AND q.name = ANY (%(relation_names)s::name[])"
            yield name, _narrowed(name, major, names)
    if wanted.routines:
        for name in _ROUTINES:
            yield name, _narrowed(name, major, "q.oid = ANY (%(routines)s::oid[])")


def _narrowed(name: str, major: int, condition: str) -> str:
    """A query of the catalog with a condition that the planner pushes down into it."""
    return f"SELECT * FROM (\n{fetch.query(name, major)}\n) AS q WHERE {condition}"


def _start(
    connection: psycopg.Connection[Any], text: str, values: dict[str, Any]
) -> psycopg.Cursor[fetch.Row]:
    return connection.cursor(row_factory=dict_row).execute(text, values, prepare=False)


def _names(connection: psycopg.Connection[Any], relations: frozenset[int]) -> set[QualifiedName]:
    rows = connection.execute(
        "SELECT n.nspname, c.relname FROM pg_catalog.pg_class c"
        " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = ANY (%s::oid[])",
        (sorted(relations),),
    ).fetchall()
    return {QualifiedName(schema, name) for schema, name in rows}


def _referenced(connection: psycopg.Connection[Any], relations: frozenset[int]) -> frozenset[int]:
    """The targets of foreign keys: a key names their columns."""
    rows = connection.execute(
        "SELECT DISTINCT confrelid::int8 FROM pg_catalog.pg_constraint"
        " WHERE conrelid = ANY (%s::oid[]) AND contype = 'f'",
        (sorted(relations),),
    ).fetchall()
    return frozenset(oid for (oid,) in rows)


def _has_renames(known: Mapping[int, CatalogObject], new: Mapping[int, CatalogObject]) -> bool:
    """Whether an object, or a column, has another name than before: texts elsewhere may mention it."""
    return any(oid in new and _is_renamed(old, new[oid]) for oid, old in known.items())


def _is_renamed(old: CatalogObject, new: CatalogObject) -> bool:
    if old.address != new.address:
        return True
    if not (isinstance(old, Relation) and isinstance(new, Relation)):
        return False
    names = {column.position: column.column for column in new.columns}
    return any(names.get(column.position, column.column) != column.column for column in old.columns)


def _with_oids(snapshot: Snapshot) -> Iterator[tuple[int, CatalogObject]]:
    wanted = (Relation, Routine, Sequence, Index)
    return ((item.oid, item) for item in snapshot.objects.values() if isinstance(item, wanted))


def _merged(before: Snapshot, found: Snapshot, known: Iterable[CatalogObject]) -> Snapshot:
    stale = {item.address for item in known}
    tables = {address.qualified for address in stale if address.kind not in ROUTINES}
    kept = {
        address: item
        for address, item in before.objects.items()
        if address not in stale and not _is_part_of(address, item, tables)
    }
    objects = MappingProxyType(kept | dict(found.objects))
    return replace(before, objects=objects, depends=NOTHING, user=found.user)


def _is_part_of(address: Address, item: CatalogObject, tables: set[QualifiedName]) -> bool:
    if isinstance(item, Index):
        return item.table in tables
    return address.kind in _PARTS and address.qualified in tables
