"""RENAME, SET SCHEMA and DEPENDS ON EXTENSION."""

from __future__ import annotations

from lockgate.analysis.locks.ledger import Ledger
from lockgate.analysis.state import names
from lockgate.analysis.view import Relation
from lockgate.sql.parse import Node
from lockgate.types import LockMode

_FULL = LockMode.ACCESS_EXCLUSIVE

_RELATIONS = frozenset(
    {"OBJECT_TABLE", "OBJECT_VIEW", "OBJECT_MATVIEW", "OBJECT_FOREIGN_TABLE", "OBJECT_SEQUENCE"}
)


def rename(ledger: Ledger, tree: Node) -> None:
    """ALTER … RENAME: brief, but a rename closes the table and its children, where they carry the same name."""
    kind = tree["renameType"]
    if kind == "OBJECT_ATTRIBUTE":
        _rename_attribute(ledger, tree)
    elif kind == "OBJECT_INDEX" or (kind in _RELATIONS and _is_index(ledger, tree)):
        _rename_index(ledger, tree)
    elif "relation" in tree and kind in _REACH | _RELATIONS:
        relation = ledger.scene.relation(tree["relation"])
        _lock(ledger, relation)
        if _goes_down(kind, tree, relation):
            ledger.lock_all(ledger.scene.descendants(relation.name), _FULL)


_REACH = frozenset(
    {"OBJECT_COLUMN", "OBJECT_TABCONSTRAINT", "OBJECT_TRIGGER", "OBJECT_POLICY", "OBJECT_RULE"}
)


def _goes_down(kind: str, tree: Node, relation: Relation) -> bool:
    """Whether partitions or children are renamed with it."""
    if kind == "OBJECT_TRIGGER":
        trigger = next((t for t in relation.triggers if t.name == tree.get("subname")), None)
        return relation.kind == "partitioned table" and (trigger is None or trigger.for_each_row)
    if not tree["relation"].get("inh"):
        return False
    if kind == "OBJECT_TABCONSTRAINT":
        constraint = relation.constraint(tree.get("subname", ""))
        return (
            constraint is not None and constraint.kind in ("check", "not null") and not constraint.no_inherit
        )
    return kind == "OBJECT_COLUMN"


def _lock(ledger: Ledger, relation: Relation) -> None:
    if relation.kind == "sequence":
        ledger.lock_sequence(relation, _FULL)
    else:
        ledger.lock(relation.name, _FULL)


def _is_index(ledger: Ledger, tree: Node) -> bool:
    return ledger.scene.index(*names.range_var(tree["relation"])) is not None


def _rename_index(ledger: Ledger, tree: Node) -> None:
    """ALTER INDEX asks for less than ALTER TABLE does for the same index."""
    schema, name = names.range_var(tree["relation"])
    index = ledger.scene.index(schema, name)
    mode = LockMode.SHARE_UPDATE_EXCLUSIVE if tree["renameType"] == "OBJECT_INDEX" else _FULL
    if index is None:
        ledger.attach(ledger.scene.new_name(schema, name), None, mode)
    else:
        ledger.attach_index(index, mode)


def _rename_attribute(ledger: Ledger, tree: Node) -> None:
    wanted = ledger.scene.range_var(tree["relation"])
    for relation in ledger.scene.state.relations():
        if relation.of_type == wanted:
            ledger.lock_all(ledger.scene.family(relation), _FULL)


def set_schema(ledger: Ledger, tree: Node) -> None:
    """ALTER … SET SCHEMA."""
    if tree["objectType"] in _RELATIONS and "relation" in tree:
        _lock(ledger, ledger.scene.relation(tree["relation"]))


def depends_on_extension(ledger: Ledger, tree: Node) -> None:
    """ALTER … DEPENDS ON EXTENSION."""
    if "relation" not in tree:
        return
    if tree["objectType"] == "OBJECT_INDEX":
        _rename_index(ledger, {**tree, "renameType": "OBJECT_TABLE"})
    elif tree["objectType"] == "OBJECT_TRIGGER":
        ledger.lock(ledger.scene.range_var(tree["relation"]), LockMode.ACCESS_SHARE)
    else:
        ledger.lock(ledger.scene.range_var(tree["relation"]), _FULL)


HANDLERS = {
    "RenameStmt": rename,
    "AlterObjectSchemaStmt": set_schema,
    "AlterObjectDependsStmt": depends_on_extension,
}
