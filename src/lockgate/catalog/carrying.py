"""A snapshot as it reads after some renames.

A rename changes the address of everything that lies in the renamed object, and the text of every definition that
mentions it; both are carried over here, so that what is compared afterwards differs only where somebody changed more
than a name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from types import MappingProxyType
from typing import Any

from lockgate.catalog.address import PARTS, ROUTINES, Address, Kind
from lockgate.catalog.model import (
    CatalogObject,
    Column,
    Constraint,
    Index,
    Publication,
    PublishedTable,
    Relation,
    Routine,
    Sequence,
    Table,
    Trigger,
    View,
)
from lockgate.catalog.renames import Matching
from lockgate.catalog.snapshot import Snapshot
from lockgate.catalog.substitution import Names, substitute, without_aliases
from lockgate.sql.identifiers import QualifiedName, quote


def carried_over(before: Snapshot, after: Snapshot, matching: Matching) -> Snapshot:
    """The first snapshot as it reads after the renames; the second one helps to know what they did to views."""
    if not matching.addresses:
        return before
    mover = _Mover(before, after, matching.addresses)
    objects = {moved.address: moved for moved in map(mover.move, before.objects.values())}
    depends = {
        mover.address(needing): frozenset(map(mover.address, needed))
        for needing, needed in before.depends.items()
    }
    return replace(
        before,
        objects=MappingProxyType(dict(sorted(objects.items()))),
        depends=MappingProxyType(depends),
    )


class _Mover:
    """Carries addresses, references and texts over to their new names."""

    def __init__(self, before: Snapshot, after: Snapshot, found: Mapping[Address, Address]) -> None:
        self.before = before
        self.after = after
        self.found = found
        # Routines have names of their own: one may be called like a table.
        self.relations = {
            old.qualified: new.qualified
            for old, new in found.items()
            if not old.part and old.kind not in ROUTINES
        }
        self.schemas = {old.name: new.name for old, new in found.items() if old.kind is Kind.SCHEMA}
        self.routines = self._namesakes()
        self.routines |= {old.qualified: new.qualified for old, new in found.items() if old.kind in ROUTINES}
        self.columns = {old: new.part for old, new in found.items() if old.kind is Kind.COLUMN}

    def _namesakes(self) -> dict[QualifiedName, QualifiedName]:
        """Routines called like a relation that gets another name: they keep theirs."""
        found = (item.address.qualified for item in self.before.objects.values() if isinstance(item, Routine))
        return {
            old: QualifiedName(self.schemas.get(old.schema, old.schema), old.name)
            for old in found
            if old in self.relations
        }

    def address(self, old: Address) -> Address:
        """The new address of an object, also of one that only follows another."""
        if old in self.found:
            return self.found[old]
        if old.kind is Kind.DEFAULT:
            return replace(self.address(replace(old, kind=Kind.COLUMN)), kind=Kind.DEFAULT)
        if old.kind in PARTS and old.qualified in self.relations:
            new = self.relations[old.qualified]
            return replace(old, schema=new.schema, name=new.name)
        home = self._home(old)
        if home is not None:
            return replace(old, schema=self.name(home).schema)
        return replace(old, schema=self.schemas.get(old.schema, old.schema))

    def _home(self, old: Address) -> QualifiedName | None:
        """The table with which an index or an owned sequence moves to another schema."""
        item = self.before.objects.get(old)
        if isinstance(item, Index):
            return item.table
        owned = item.owned_by if isinstance(item, Sequence) else None
        return QualifiedName(*owned[:2]) if owned else None

    def name(self, old: QualifiedName) -> QualifiedName:
        """The new name of a relation."""
        return self.relations.get(old) or QualifiedName(self.schemas.get(old.schema, old.schema), old.name)

    def column(self, relation: QualifiedName, column: str) -> str:
        """The new name of a column of a relation."""
        return self.columns.get(Address(Kind.COLUMN, relation.schema, relation.name, column), column)

    def move(self, item: CatalogObject) -> CatalogObject:
        """The object with its new address, references and texts."""
        changes: dict[str, Any] = {"address": self.address(item.address)}
        changes |= self._texts(item)
        changes |= self._references(item)
        if isinstance(item, Relation):
            changes["columns"] = tuple(self._move_column(column) for column in item.columns)
        return replace(item, **changes)

    def _move_column(self, column: Column) -> Column:
        address = self.address(column.address)
        return replace(column, address=address, column=address.part, **self._texts(column))

    def _references(self, item: CatalogObject) -> dict[str, Any]:
        match item:
            case Constraint():
                return self._constraint(item)
            case Index():
                names = {
                    field: self._columns(item.table, getattr(item, field))
                    for field in ("columns", "included")
                }
                owner = Address(Kind.CONSTRAINT, item.table.schema, item.table.name, item.constraint or "")
                own = self.address(owner).part if item.constraint else None
                parent = self.name(item.parent) if item.parent else None
                return {"table": self.name(item.table), "constraint": own, "parent": parent, **names}
            case Sequence(owned_by=(schema, table, column)):
                old = QualifiedName(schema, table)
                new = self.name(old)
                return {"owned_by": (new.schema, new.name, self.column(old, column))}
            case Table():
                return {"inherits": tuple(map(self.name, item.inherits))}
            case Trigger():
                return {"function": self.routines.get(item.function) or self.name(item.function)}
            case Publication():
                return {
                    "tables": tuple(sorted(map(self._published, item.tables), key=lambda entry: entry.table)),
                    "schemas": tuple(self.schemas.get(name, name) for name in item.schemas),
                }
        return {}

    def _constraint(self, item: Constraint) -> dict[str, Any]:
        target = item.references
        return {
            "columns": self._columns(item.name, item.columns),
            "references": self.name(target) if target else None,
            "referenced_columns": self._columns(target, item.referenced_columns) if target else (),
            "index": self.name(item.index) if item.index else None,
        }

    def _published(self, entry: PublishedTable) -> PublishedTable:
        columns = entry.columns
        if columns is not None:
            columns = tuple(sorted(self._columns(entry.table, columns)))
        return replace(entry, table=self.name(entry.table), columns=columns)

    def _columns(self, relation: QualifiedName, names: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(self.column(relation, name) for name in names)

    def _texts(self, item: CatalogObject) -> dict[str, Any]:
        """The texts of an object, with the new names."""
        if isinstance(item, Routine):
            return self._heading(item)
        names = self._names(item)
        found: dict[str, Any] = {}
        for field in fields(item):
            old = getattr(item, field.name) if field.name in _TEXTS else None
            if isinstance(old, str):
                found[field.name] = substitute(old, names)
            elif isinstance(old, tuple):
                found[field.name] = tuple(substitute(line, names) for line in old)
        if isinstance(item, View):
            found["definition"] = self._query(item, found["definition"])
        return found

    def _heading(self, item: Routine) -> dict[str, Any]:
        """A routine's texts; its body, where it is mere text, does not follow a rename."""
        names = self._names(item)
        head, mark, body = item.definition.partition(_BODY)
        found = {"definition": substitute(head, names) + mark + body}
        for field in ("arguments", "signature", "returns"):
            old = getattr(item, field)
            found[field] = substitute(old, names) if old else old
        return found

    def _query(self, item: View, moved: str) -> str:
        """A view keeps the names of its columns: where only AS was added or left away, nothing else has changed."""
        now = self.after.objects.get(self.address(item.address))
        same = isinstance(now, View) and without_aliases(now.definition) == without_aliases(moved)
        return now.definition if same and isinstance(now, View) else moved

    def _names(self, item: CatalogObject) -> Names:
        return Names(self.schemas, self.relations, self.routines, self._bare_names(item))

    def _bare_names(self, item: CatalogObject) -> dict[str, str]:
        """Names that stand without a schema in a definition: columns of what it needs, its own name, its schema."""
        needed = self.before.depends.get(item.address, frozenset()) | {item.address}
        relations = {one.qualified for one in needed if one.schema and one.kind not in ROUTINES}
        tables = {
            old: new for old, new in self.relations.items() if old in relations and old.name != new.name
        }
        names = {
            quote(old.part): quote(new) for old, new in self.columns.items() if old.qualified in relations
        }
        # A query calls a table without an alias by the name that it has now.
        names |= {quote(old.name): quote(new.name) for old, new in tables.items()}
        old, new = item.address, self.address(item.address)
        if old.part != new.part and old.kind is not Kind.COLUMN:
            names[quote(old.part)] = quote(new.part)
        elif not old.part and old.name != new.name:
            names[quote(old.name)] = quote(new.name)
        return names


_BODY = "\nAS $"
_TEXTS = frozenset(
    {
        "definition",
        "extra",
        "default",
        "predicate",
        "using",
        "check",
        "type",
        "of_type",
        "partition_key",
        "partition_bound",
    }
)
