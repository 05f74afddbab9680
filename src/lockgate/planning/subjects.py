"""What a statement is about: the relation that a strategy asks about first."""

from __future__ import annotations

from typing import Final

from lockgate.analysis.state.catalog import Catalog
from lockgate.analysis.state.names import dotted, object_name, range_var
from lockgate.analysis.view import Relation
from lockgate.sql.identifiers import QualifiedName
from lockgate.sql.parse import Node, Statement

_OF_A_TABLE: Final = ("OBJECT_POLICY", "OBJECT_TRIGGER", "OBJECT_RULE")
_ROUTINES: Final = ("OBJECT_FUNCTION", "OBJECT_PROCEDURE", "OBJECT_ROUTINE")


def subject_of(statement: Statement, state: Catalog) -> Relation | None:
    """The relation that a statement is about; for a type or a routine an empty one of its name.

    The making of a partition is about its parent.
    """
    tree, kind = statement.tree, statement.kind
    if "partbound" in tree:
        return state.relation(*range_var(tree["inhRelations"][0]["RangeVar"]))
    if "relation" in tree:
        return state.relation(*range_var(tree["relation"]))
    if kind == "DropStmt" and tree.get("objects"):
        return _dropped(tree, state)
    if kind in ("CreatePolicyStmt", "AlterPolicyStmt"):
        return state.relation(*range_var(tree["table"]))
    if kind == "ViewStmt":
        return state.relation(*range_var(tree["view"]))
    if kind in ("TruncateStmt", "VacuumStmt"):
        return _first(tree, state)
    if kind == "AlterEnumStmt":
        return Relation(_named(state, *dotted(tree["typeName"])))
    if kind == "CreateFunctionStmt":
        return Relation(_named(state, *dotted(tree["funcname"])))
    if kind == "RenameStmt" and tree.get("renameType") in _ROUTINES:
        return Relation(_named(state, *object_name(tree["object"])))
    return None


def _named(state: Catalog, schema: str, name: str) -> QualifiedName:
    return QualifiedName(schema or next(iter(state.search_path), "public"), name)


def _dropped(tree: Node, state: Catalog) -> Relation | None:
    removed = tree.get("removeType")
    if removed in _ROUTINES:
        return Relation(_named(state, *object_name(tree["objects"][0])))
    if removed in ("OBJECT_TYPE", "OBJECT_DOMAIN"):
        return Relation(_named(state, *dotted(tree["objects"][0]["TypeName"]["names"])))
    if removed in _OF_A_TABLE:
        items = tree["objects"][0]["List"]["items"]
        return state.relation(*dotted(items[:-1]))
    schema, name = object_name(tree["objects"][0])
    if removed != "OBJECT_INDEX":
        return state.relation(schema, name)
    index = state.index(schema, name)
    return state.known(index.table) if index else state.relation(schema, name)


def _first(tree: Node, state: Catalog) -> Relation | None:
    found = [item["RangeVar"] for item in tree.get("relations", ())]
    found += [item["VacuumRelation"]["relation"] for item in tree.get("rels", ())]
    return state.relation(*range_var(found[0])) if found else None
