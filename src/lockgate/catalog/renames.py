"""Objects that kept their oid and changed their name, and a snapshot as it reads after such renames.

Only two snapshots of one living database may be matched by oid. A rename changes the address of everything that lies
in the renamed object, and the text of every definition that mentions it; both are carried over here, so that what is
compared afterwards differs only where somebody changed more than a name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from types import MappingProxyType
from typing import Any

from lockgate.catalog.address import ROUTINES, Address, Kind
from lockgate.catalog.model import (
    CatalogObject,
    Column,
    Constraint,
    Index,
    Policy,
    Publication,
    Relation,
    Rule,
    Sequence,
    Table,
    Trigger,
    View,
)
from lockgate.catalog.snapshot import Snapshot
from lockgate.sql.identifiers import QualifiedName, quote


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
    return Matching(MappingProxyType(found), tuple(_explicit(before, after, found)))


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
        if not _follows_constraint(before.objects.get(old), found):
            yield Rename(expected, new)


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


def carried_over(before: Snapshot, matching: Matching) -> Snapshot:
    """The first snapshot as it reads after the renames."""
    if not matching.addresses:
        return before
    mover = _Mover(before, matching.addresses)
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


_TOKEN = re.compile(
    r"""(?P<string>[eE]?'(?:[^'\\]|''|\\.)*')|(?P<dollar>\$(?P<tag>\w*)\$.*?\$(?P=tag)\$)"""
    r"""|(?P<name>"(?:[^"]|"")+"|[a-zA-Z_\x80-\U0010ffff][\w$\x80-\U0010ffff]*)|(?P<other>.)""",
    re.DOTALL,
)


_Tokens = list[tuple[str | None, str]]
_ITEM_BEGINS = frozenset({"FROM", "JOIN", "ONLY", ",", "("})


def _alias(item: CatalogObject, tokens: _Tokens, at: int, new: QualifiedName) -> tuple[str, int]:
    """What follows a renamed relation, and how many tokens of the old text that takes.

    A query keeps calling the relation what it was called when the query was written: the server prints the old name as
    an alias after a rename, and leaves an alias out that is the relation's own name.
    """
    following = "".join(token for _, token in tokens[at + 3 : at + 5])
    if following[:1] == " " and _plain(following[1:]) == new.name:
        return "", 5
    before = next((token for _, token in reversed(tokens[:at]) if token.strip()), "")
    is_aliased = following[:1] == " " and (following[1:2].islower() or following[1:2] in ('"', "_"))
    old = _plain(tokens[at + 2][1])
    if (
        isinstance(item, View | Rule | Policy)
        and before in _ITEM_BEGINS
        and not is_aliased
        and old != new.name
    ):
        return f" {quote(old)}", 3
    return "", 3


class _Mover:
    """Carries addresses, references and texts over to their new names."""

    def __init__(self, before: Snapshot, found: Mapping[Address, Address]) -> None:
        self.before = before
        self.found = found
        self.relations = {
            old.qualified: new.qualified for old, new in found.items() if not old.part and old.schema
        }
        self.schemas = {old.name: new.name for old, new in found.items() if old.kind is Kind.SCHEMA}
        self.columns = {old: new.part for old, new in found.items() if old.kind is Kind.COLUMN}

    def address(self, old: Address) -> Address:
        """The new address of an object, also of one that only follows another."""
        if old in self.found:
            return self.found[old]
        if old.kind is Kind.DEFAULT:
            return replace(self.address(replace(old, kind=Kind.COLUMN)), kind=Kind.DEFAULT)
        if old.part and old.kind is not Kind.DEFAULT_PRIVILEGES and old.qualified in self.relations:
            new = self.relations[old.qualified]
            return replace(old, schema=new.schema, name=new.name)
        return replace(old, schema=self.schemas.get(old.schema, old.schema))

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
        changes: dict[str, Any] = dict(self._texts(column))
        return replace(column, address=address, column=address.part, **changes)

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
                return {"function": self.name(item.function)}
            case Publication():
                return {
                    "tables": tuple(
                        replace(
                            entry,
                            table=self.name(entry.table),
                            columns=self._columns(entry.table, entry.columns)
                            if entry.columns
                            else entry.columns,
                        )
                        for entry in item.tables
                    ),
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

    def _columns(self, relation: QualifiedName, names: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(self.column(relation, name) for name in names)

    def _texts(self, item: CatalogObject) -> dict[str, str]:
        """The texts of an object that mention a new name; the bodies of routines stay as they were written."""
        if item.kind in ROUTINES:
            return {}
        found = {}
        for field in fields(item):
            if field.name in _TEXTS and isinstance(old := getattr(item, field.name), str):
                found[field.name] = self.text(old, item)
        return found

    def text(self, text: str, item: CatalogObject) -> str:
        """A definition with the new names in the places of the old ones."""
        bare = self._bare_names(item)
        tokens = [(match.lastgroup, match[0]) for match in _TOKEN.finditer(text)]
        out: list[str] = []
        at = 0
        while at < len(tokens):
            sort, token = tokens[at]
            taken = self._qualified(tokens, at) if sort == "name" else None
            if taken is None:
                out.append(bare.get(token, token) if sort == "name" else token)
                at += 1
            else:
                alias, length = _alias(item, tokens, at, taken)
                out.append(taken.sql + alias)
                at += length
        return "".join(out)

    def _qualified(self, tokens: _Tokens, at: int) -> QualifiedName | None:
        """The new name of the relation that is named here with its schema, None where there is no such name."""
        if at + 2 >= len(tokens) or tokens[at + 1][1] != "." or tokens[at + 2][0] != "name":
            return None
        old = QualifiedName(_plain(tokens[at][1]), _plain(tokens[at + 2][1]))
        new = self.name(old)
        return new if new != old else None

    def _bare_names(self, item: CatalogObject) -> dict[str, str]:
        """Names that stand without a schema in a definition: columns of what it needs, its own name, its schema."""
        needed = self.before.depends.get(item.address, frozenset()) | {item.address}
        relations = {address.qualified for address in needed if address.schema}
        names = {
            quote(old.part): quote(new) for old, new in self.columns.items() if old.qualified in relations
        }
        old, new = item.address, self.address(item.address)
        if old.part != new.part and old.kind is not Kind.COLUMN:
            names[quote(old.part)] = quote(new.part)
        elif not old.part and old.name != new.name:
            names[quote(old.name)] = quote(new.name)
        return names


_TEXTS = frozenset(
    {
        "definition",
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


def _plain(token: str) -> str:
    return token[1:-1].replace('""', '"') if token.startswith('"') else token
