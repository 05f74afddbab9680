"""Names that a statement would give and that are taken: the plan says so, not the server half way through it."""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.state.catalog import Catalog
from lockgate.analysis.state.names import dotted, range_var
from lockgate.errors import UsageError
from lockgate.planning.strategies.base import Look
from lockgate.planning.unknown import Named, is_there, likeness
from lockgate.sql.parse import Node, Statement

_OF_RELATIONS = ("OBJECT_TABLE", "OBJECT_VIEW", "OBJECT_MATVIEW", "OBJECT_INDEX", "OBJECT_SEQUENCE")


def refuse_taken(statement: Statement, state: Catalog, look: Look | None, before: tuple[str, ...]) -> None:
    """Raise UsageError for the first name that is taken; nothing for a statement that says IF NOT EXISTS.

    ``look`` has the last word, where a server can be asked: the migrations may not tell all that went.
    """
    for one in _given(statement, state):
        if not _holds(one, state):
            continue
        snapshot = look(before) if look is not None else None
        if snapshot is None or is_there(one, snapshot, state):
            raise UsageError(
                f"{one.words} is there already",
                why="the statement would give its name a second time",
                next_steps=["take another name, or look whether it is what you need"],
            )


def _given(statement: Statement, state: Catalog) -> Iterator[Named]:
    tree = statement.tree
    match statement.kind:
        case "AlterTableStmt":
            place = range_var(tree["relation"])
            for item in tree.get("cmds", ()):
                yield from _of_command(item["AlterTableCmd"], place)
        case "RenameStmt":
            yield from _renamed(tree, state)
        case "AlterObjectSchemaStmt" if "relation" in tree:
            yield Named("table", tree["newschema"], tree["relation"]["relname"])
        case "CreateStmt" if not tree.get("if_not_exists") and likeness(tree) is None:
            yield Named("table", *_made(*range_var(tree["relation"]), state))
        case "IndexStmt" if tree.get("idxname") and not tree.get("if_not_exists"):
            yield Named("index", _schema(range_var(tree["relation"]), state), tree["idxname"])
        case "CreatePolicyStmt":
            yield Named("policy", *range_var(tree["table"]), tree["policy_name"])
        case "CreateTrigStmt" if not tree.get("replace"):
            yield Named("trigger", *range_var(tree["relation"]), tree["trigname"])
        case "AlterEnumStmt" if not tree.get("skipIfNewValExists"):
            yield Named("value", *dotted(tree["typeName"]), tree["newVal"])


def _of_command(command: Node, place: tuple[str, str]) -> Iterator[Named]:
    definition = command.get("def", {})
    if command.get("subtype") == "AT_AddColumn" and not command.get("missing_ok"):
        yield Named("column", *place, definition["ColumnDef"]["colname"])
    elif command.get("subtype") == "AT_AddConstraint" and definition["Constraint"].get("conname"):
        yield Named("constraint", *place, definition["Constraint"]["conname"])


def _renamed(tree: Node, state: Catalog) -> Iterator[Named]:
    kind = tree.get("renameType")
    if kind == "OBJECT_COLUMN":
        yield Named("column", *range_var(tree["relation"]), tree["newname"])
    elif kind == "OBJECT_TABCONSTRAINT":
        yield Named("constraint", *range_var(tree["relation"]), tree["newname"])
    elif kind in _OF_RELATIONS:
        yield Named("table", _schema(range_var(tree["relation"]), state), tree["newname"])


def _schema(place: tuple[str, str], state: Catalog) -> str:
    found = state.index(*place)
    return found.name.schema if found is not None else state.relation_name(*place).schema


def _made(schema: str, name: str, state: Catalog) -> tuple[str, str]:
    made = state.new_name(schema, name)
    return made.schema, made.name


def _holds(one: Named, state: Catalog) -> bool:
    if one.kind == "value":
        found = state.user_type(one.schema, one.name)
        return found is not None and one.part in found.labels
    relation = state.relation(one.schema, one.name)
    if not one.part:
        return relation is not None or state.index(one.schema, one.name) is not None
    if relation is None:
        return False
    names: dict[str, set[str]] = {
        "column": {part.name for part in relation.columns},
        "constraint": {part.name for part in relation.constraints},
        "policy": {part.name for part in relation.policies},
        "trigger": {part.name for part in relation.triggers},
    }
    return one.part in names[one.kind]
