"""The versions that are there before a change, and the schema without them, as the strategies are to see it.

A view of a version keeps to its columns whatever they are called, and is put right by the plan where it cannot: so no
strategy has to care for them as it does for other views.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

from lockgate.catalog.address import Address, Kind
from lockgate.catalog.model import Schema, View
from lockgate.catalog.snapshot import Snapshot
from lockgate.errors import UsageError
from lockgate.planning.strategies.base import Look
from lockgate.planning.versions.naming import FIRST, Versions, read_mark
from lockgate.sql.identifiers import quote

_NEEDED: Final = 15
"""The first PostgreSQL whose views can run with the rights of whoever asks."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What there is: the schema without versions, the schemas that get one, and the views of those that have one.

    ``there`` gives the schema of the version that a schema has. ``old`` is what that version is called (or the first
    one, which the plan makes), ``new`` what the next one is.
    """

    asked: Versions
    snapshot: Snapshot
    schemas: tuple[str, ...]
    there: Mapping[str, str]
    views: tuple[View, ...]
    old: str
    new: str

    @property
    def hidden(self) -> frozenset[str]:
        """The schemas of versions."""
        return frozenset(self.there.values())


def standing(asked: Versions, look: Look | None, major: int) -> Standing:
    """Read it from the schema that the change meets; raises UsageError where versions are not possible."""
    if major < _NEEDED:
        raise UsageError(
            f"versions need PostgreSQL {_NEEDED}",
            why="before it a view does not apply the privileges and the row-level security of its reader",
        )
    snapshot = look(()) if look is not None else None
    if snapshot is None:
        raise UsageError(
            "the schema that the change meets cannot be read",
            why="a version shows every table and column as the server has them, in their order",
            next_steps=[
                "lockgate test   says what is wrong with the files",
                "lockgate plan … --versions --to NAME",
            ],
        )
    return _found(asked, snapshot)


def _found(asked: Versions, snapshot: Snapshot) -> Standing:
    marks = {schema.address.name: read_mark(schema.comment) for schema in snapshot.of_type(Schema)}
    there = {name: found for name, found in marks.items() if found is not None}
    bare = without_schemas(snapshot, frozenset(there))
    wanted = dict.fromkeys((*asked.schemas, *(schema for schema, _ in there.values())))
    schemas = tuple(schema for schema in wanted if schema not in there and _has_relations(bare, schema))
    if not schemas:
        raise UsageError(
            f"there is no table in {', '.join(asked.schemas)}",
            next_steps=['[planning] schemas = ["…"]   names the schemas that get versions'],
        )
    names = sorted({version for schema, version in there.values() if schema in schemas})
    if len(names) > 1:
        raise UsageError(
            f"there are two versions already: {' and '.join(names)}",
            why="the change that made the newer one is not finished: its last part drops the older one",
            next_steps=["lockgate gate list", "lockgate apply"],
        )
    old = names[0] if names else FIRST
    new = asked.next(old)
    for schema in schemas:
        _require_free(snapshot, asked.schema_of(schema, new))
    places = MappingProxyType({schema: place for place, (schema, _) in there.items()})
    views = tuple(view for view in snapshot.views() if view.name.schema in there)
    return Standing(asked, bare, schemas, places, views, old, new)


def _has_relations(snapshot: Snapshot, schema: str) -> bool:
    return any(name.schema == schema for name in snapshot.relations)


def _require_free(snapshot: Snapshot, schema: str) -> None:
    if Address(Kind.SCHEMA, "", schema) in snapshot:
        raise UsageError(
            f"there is a schema {schema} already", next_steps=["lockgate plan … --version-name NAME"]
        )


def without_schemas(snapshot: Snapshot, schemas: frozenset[str]) -> Snapshot:
    """The schema without some schemas, and without what they need."""

    def kept(address: Address) -> bool:
        return address.schema not in schemas and not (address.kind is Kind.SCHEMA and address.name in schemas)

    depends = {address: needed for address, needed in snapshot.depends.items() if kept(address)}
    return replace(snapshot.only(kept), depends=MappingProxyType(depends))


def looking_past(look: Look | None, hidden: frozenset[str]) -> Look | None:
    """The same look at a schema without its versions, which would refuse what a change does to their tables."""
    if look is None or not hidden:
        return look
    known, away = look, tuple(f"DROP SCHEMA {quote(schema)} CASCADE" for schema in sorted(hidden))

    def past(before: tuple[str, ...]) -> Snapshot | None:
        found = known((*away, *before) if before else ())
        return without_schemas(found, hidden) if found is not None else None

    return past
