"""Names that a statement takes for granted and that nobody knows: tables, columns, indexes, constraints, routines."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from lockgate.analysis.state.catalog import Catalog
from lockgate.analysis.state.names import dotted, object_name, range_var
from lockgate.analysis.view import Relation
from lockgate.catalog.address import Kind
from lockgate.catalog.model import EnumType, Index
from lockgate.catalog.snapshot import Snapshot
from lockgate.errors import UsageError
from lockgate.planning.strategies.base import Look
from lockgate.sql.identifiers import QualifiedName
from lockgate.sql.parse import Node, Statement

_OF_A_COLUMN: Final = frozenset(
    {
        "AT_DropColumn",
        "AT_AlterColumnType",
        "AT_SetNotNull",
        "AT_DropNotNull",
        "AT_ColumnDefault",
        "AT_AddIdentity",
        "AT_SetIdentity",
        "AT_DropIdentity",
        "AT_SetStatistics",
        "AT_SetStorage",
        "AT_SetCompression",
        "AT_SetExpression",
        "AT_DropExpression",
    }
)
_OF_A_CONSTRAINT: Final = frozenset({"AT_DropConstraint", "AT_ValidateConstraint", "AT_AlterConstraint"})
_OF_A_TABLE: Final = ("OBJECT_POLICY", "OBJECT_TRIGGER", "OBJECT_RULE")
_RELATIONS: Final = (
    "OBJECT_TABLE",
    "OBJECT_VIEW",
    "OBJECT_MATVIEW",
    "OBJECT_SEQUENCE",
    "OBJECT_FOREIGN_TABLE",
)
_ROUTINES: Final = ("OBJECT_FUNCTION", "OBJECT_PROCEDURE", "OBJECT_ROUTINE", "OBJECT_AGGREGATE")
_TYPES: Final = (Kind.TYPE, Kind.DOMAIN)
_TABLE_KEY: Final = {
    "AlterTableStmt": "relation",
    "RenameStmt": "relation",
    "IndexStmt": "relation",
    "InsertStmt": "relation",
    "UpdateStmt": "relation",
    "DeleteStmt": "relation",
    "ClusterStmt": "relation",
    "AlterObjectSchemaStmt": "relation",
    "CreatePolicyStmt": "table",
    "AlterPolicyStmt": "table",
    "CreateTrigStmt": "relation",
}


@dataclass(frozen=True, slots=True)
class Named:
    """Something that a statement names: its kind in words, its place, and for a part of a relation its own name."""

    kind: str
    schema: str
    name: str
    part: str = ""

    @property
    def words(self) -> str:
        """How a person is told of it."""
        place = f"{self.schema}.{self.name}" if self.schema else self.name
        return f"{self.kind} {self.part} of {place}" if self.part else f"{self.kind} {place}"


def notes_on(
    statement: Statement, state: Catalog, look: Look | None, before: tuple[str, ...]
) -> tuple[str, ...]:
    """A word on each name that the migrations do not make; raises UsageError for one that is certainly not there.

    ``look`` says it, where a server can be asked; without one the migrations may simply not tell all.
    """
    missing = [one for one in named_by(statement) if not _is_known(one, state)]
    if not missing:
        return ()
    snapshot = look(before) if look is not None else None
    absent = [one for one in missing if snapshot is not None and not is_there(one, snapshot, state)]
    if snapshot is not None and absent:
        raise _refusal(absent[0], snapshot, state)
    return tuple(_unsure(one) for one in missing if snapshot is None)


def fits(statement: Statement, state: Catalog) -> bool:
    """Whether everything that a statement names is known from the migrations."""
    return all(_is_known(one, state) for one in named_by(statement))


def named_by(statement: Statement) -> Iterator[Named]:
    """What must be there for a statement to work; nothing for one that says IF EXISTS."""
    tree, kind = statement.tree, statement.kind
    if tree.get("missing_ok"):
        return
    key = _TABLE_KEY.get(kind)
    if key is not None and key in tree and tree.get("renameType") != "OBJECT_INDEX":
        relation = range_var(tree[key])
        yield Named("table" if tree.get("objtype") != "OBJECT_INDEX" else "index", *relation)
        for part, name in _parts(kind, tree):
            yield Named(part, *relation, name)
        for item in tree.get("cmds", ()):
            yield from _beside(item["AlterTableCmd"], relation[0])
    elif kind == "DropStmt":
        yield from _dropped(tree)
    elif kind in ("TruncateStmt", "VacuumStmt"):
        yield from (Named("table", *range_var(one)) for one in _listed(tree))
    elif kind == "CreateStmt":
        like = likeness(tree)
        if like is not None:
            yield Named("table", *range_var(like))
            names = (item["PartitionElem"].get("name", "") for item in tree["partspec"]["partParams"])
            yield from (Named("column", *range_var(like), name) for name in names if name)
    elif kind == "AlterEnumStmt":
        yield Named("type", *dotted(tree["typeName"]))
        if tree.get("oldVal"):
            yield Named("value", *dotted(tree["typeName"]), tree["oldVal"])


def likeness(tree: Node) -> Node | None:
    """The table that a CREATE TABLE says again with partitions: how a partitioning is written."""
    elements: list[Node] = tree.get("tableElts", []) if "partspec" in tree else []
    like: Node | None = elements[0].get("TableLikeClause", {}).get("relation") if len(elements) == 1 else None
    return like if like is not None and like["relname"] == tree["relation"]["relname"] else None


def _listed(tree: Node) -> Iterator[Node]:
    yield from (item["RangeVar"] for item in tree.get("relations", ()))
    yield from (item["VacuumRelation"]["relation"] for item in tree.get("rels", ()))


def _parts(kind: str, tree: Node) -> Iterator[tuple[str, str]]:
    """Columns and constraints of the relation that a statement names."""
    if kind == "AlterTableStmt":
        for item in tree.get("cmds", ()):
            yield from _of_command(item["AlterTableCmd"])
    elif kind == "RenameStmt" and tree.get("renameType") == "OBJECT_COLUMN":
        yield "column", tree["subname"]
    elif kind == "RenameStmt" and tree.get("renameType") == "OBJECT_TABCONSTRAINT":
        yield "constraint", tree["subname"]
    elif kind == "IndexStmt":
        names = (item["IndexElem"].get("name", "") for item in tree.get("indexParams", ()))
        yield from (("column", name) for name in names if name)
    elif kind == "UpdateStmt":
        yield from (("column", item["ResTarget"]["name"]) for item in tree.get("targetList", ()))
    elif kind == "InsertStmt":
        yield from (("column", item["ResTarget"]["name"]) for item in tree.get("cols", ()))


def _of_command(command: Node) -> Iterator[tuple[str, str]]:
    kind, name = command.get("subtype"), command.get("name", "")
    if command.get("missing_ok"):
        return
    if kind in _OF_A_COLUMN and name:
        yield "column", name
    elif kind in _OF_A_CONSTRAINT and name:
        yield "constraint", name
    elif kind == "AT_AddConstraint":
        constraint = command["def"]["Constraint"]
        for key in ("keys", "fk_attrs"):
            yield from (("column", item["String"]["sval"]) for item in constraint.get(key, ()))


def _beside(command: Node, schema: str) -> Iterator[Named]:
    """Other relations that a command of ALTER TABLE names: partitions, parents, the index of a key."""
    subtype, inside = command.get("subtype"), command.get("def", {})
    if subtype in ("AT_AttachPartition", "AT_DetachPartition"):
        yield Named("table", *range_var(inside["PartitionCmd"]["name"]))
    elif subtype in ("AT_AddInherit", "AT_DropInherit"):
        yield Named("table", *range_var(inside["RangeVar"]))
    elif subtype == "AT_AddConstraint":
        constraint = inside["Constraint"]
        if constraint.get("indexname"):
            yield Named("index", schema, constraint["indexname"])
        if "pktable" in constraint:
            yield Named("table", *range_var(constraint["pktable"]))


def _dropped(tree: Node) -> Iterator[Named]:
    removed = tree.get("removeType")
    for item in tree.get("objects", ()):
        if removed in _OF_A_TABLE:
            *place, part = item["List"]["items"]
            yield Named("table", *dotted(place))
            yield Named(str(removed).removeprefix("OBJECT_").lower(), *dotted(place), part["String"]["sval"])
        elif removed in _RELATIONS:
            yield Named("table", *object_name(item))
        elif removed == "OBJECT_INDEX":
            yield Named("index", *object_name(item))
        elif removed in _ROUTINES:
            yield Named("routine", *object_name(item))


def _is_known(one: Named, state: Catalog) -> bool:
    if _is_of_the_server(one):
        return False
    if one.kind == "routine":
        return bool(state.functions(one.schema, one.name))
    if one.kind == "type":
        return state.user_type(one.schema, one.name) is not None
    if one.kind == "value":
        found = state.user_type(one.schema, one.name)
        return found is None or one.part in found.labels
    relation = state.relation(one.schema, one.name)
    if relation is None:
        return bool(one.part) or state.index(one.schema, one.name) is not None
    return not one.part or relation.partial or not relation.columns or _has(relation, one)


def _has(relation: Relation, one: Named) -> bool:
    if one.kind == "column":
        return relation.column(one.part) is not None
    if one.kind == "constraint":
        return one.part in {found.name for found in relation.constraints}
    return one.part in {found.name for found in relation.policies} | {
        found.name for found in relation.triggers
    }


def _is_of_the_server(one: Named) -> bool:
    hidden = not one.schema and one.name.startswith("pg_")
    return one.schema in ("pg_catalog", "information_schema") or hidden


def is_there(one: Named, snapshot: Snapshot, state: Catalog) -> bool:
    """Whether a server has it. What belongs to the server, or to its platform, is not in the snapshot."""
    if _is_of_the_server(one):
        return False
    names = _places(one, state)
    if one.schema and all(name.schema != one.schema for name in snapshot.relations):
        return state.relation(one.schema, one.name) is not None
    if one.kind == "routine":
        return any(snapshot.routines(name) for name in names)
    if one.kind == "value":
        return any(item.name in names and one.part in item.values for item in snapshot.of_type(EnumType))
    if one.kind == "type":
        return any(address.qualified in names for address in snapshot.objects if address.kind in _TYPES)
    found = next((name for name in names if name in snapshot.relations), None)
    if not one.part:
        return found is not None or any(index.name in names for index in snapshot.of_type(Index))
    if found is None:
        return True
    if one.kind == "column":
        return snapshot.column(found, one.part) is not None
    if one.kind != "constraint":
        return any(item.address.part == one.part for item in snapshot.parts(found))
    return any(item.constraint == one.part for item in snapshot.constraints_of(found)) or any(
        column.not_null_name == one.part or one.part.endswith("_not_null")
        for relation in [snapshot.relation(found)]
        if relation is not None
        for column in relation.columns
        if column.not_null
    )


def _places(one: Named, state: Catalog) -> list[QualifiedName]:
    schemas = (one.schema,) if one.schema else (*state.search_path, "public")
    return [QualifiedName(schema, one.name) for schema in schemas]


def _refusal(one: Named, snapshot: Snapshot, state: Catalog) -> UsageError:
    if _is_of_the_server(one):
        return UsageError(
            f"{one.name} belongs to the server itself",
            why="a migration that changes it breaks the next upgrade",
        )
    place = f"{one.schema}.{one.name}" if one.schema else one.name
    known = _near(one, snapshot, state)
    whole = f"{place} has no {one.kind} {one.part}" if one.part else f"there is no {one.kind} {place}"
    close = difflib.get_close_matches((one.part or one.name).lower(), list(known), n=3, cutoff=0.6)
    meant = [f"did you mean {', '.join(known[name] for name in close)}?"] if close else []
    return UsageError(
        f"Unknown {one.kind}: {whole}",
        why="neither the migrations nor the database have it",
        next_steps=meant,
    )


def _near(one: Named, snapshot: Snapshot, state: Catalog) -> dict[str, str]:
    """Names that may have been meant, by how they look in small letters."""
    found = next((name for name in _places(one, state) if name in snapshot.relations), None)
    relation = snapshot.relation(found) if found is not None else None
    names: Iterable[str]
    if one.kind == "column" and relation is not None:
        names = relation.column_names
    elif one.kind == "constraint" and found is not None:
        names = (item.constraint for item in snapshot.constraints_of(found))
    elif one.kind == "index":
        names = (index.name.name for index in snapshot.of_type(Index))
    elif one.kind == "routine":
        names = (
            address.name for address in snapshot.objects if address.kind in (Kind.FUNCTION, Kind.PROCEDURE)
        )
    elif one.kind == "type":
        names = (address.name for address in snapshot.objects if address.kind in _TYPES)
    elif one.kind == "value":
        names = [
            value
            for item in snapshot.of_type(EnumType)
            if item.name.name == one.name
            for value in item.values
        ]
    else:
        names = (name.name for name in snapshot.relations)
    return {name.lower(): name for name in names}


def _unsure(one: Named) -> str:
    return f"unknown {one.words}: no migration makes it; --to NAME reads the schema of a target"
