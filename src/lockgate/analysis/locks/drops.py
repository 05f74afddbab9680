"""DROP of everything that closes a table: tables, views, indexes, triggers, types, functions, schemas."""

from __future__ import annotations

from collections.abc import Callable

from lockgate.analysis.locks.dependents import Demolition
from lockgate.analysis.locks.ledger import Ledger
from lockgate.analysis.state import names
from lockgate.analysis.view import Index, Relation
from lockgate.sql.identifiers import QualifiedName
from lockgate.sql.parse import Node
from lockgate.types import LockMode

_FULL = LockMode.ACCESS_EXCLUSIVE
_PATIENT = LockMode.SHARE_UPDATE_EXCLUSIVE

_RELATIONS = frozenset(
    {"OBJECT_TABLE", "OBJECT_VIEW", "OBJECT_MATVIEW", "OBJECT_FOREIGN_TABLE", "OBJECT_SEQUENCE"}
)
_ROUTINES = frozenset({"OBJECT_FUNCTION", "OBJECT_PROCEDURE", "OBJECT_ROUTINE", "OBJECT_AGGREGATE"})


def drop(ledger: Ledger, tree: Node) -> None:
    """Every statement that the parser calls ``DropStmt``."""
    kind = tree["removeType"]
    demolition = Demolition(ledger, cascade=tree.get("behavior") == "DROP_CASCADE")
    for item in tree.get("objects", ()):
        if kind in _RELATIONS:
            _drop_relation(ledger, demolition, kind, item)
        elif kind in ("OBJECT_TYPE", "OBJECT_DOMAIN"):
            _drop_type(ledger, demolition, item)
        elif kind in _ROUTINES:
            _drop_function(ledger, demolition, item)
        elif kind == "OBJECT_SCHEMA":
            demolition.schema(names.text(item))
        elif kind in _PARTS:
            _PARTS[kind](ledger, tree, item)
    if kind == "OBJECT_INDEX" and tree.get("concurrent"):
        ledger.transactional, ledger.patient = False, True


def _drop_relation(ledger: Ledger, demolition: Demolition, kind: str, item: Node) -> None:
    name = ledger.scene.name(*names.object_name(item))
    relation = ledger.scene.find(name)
    if relation is None:
        guessed = "sequence" if kind == "OBJECT_SEQUENCE" else "table"
        relation = Relation(name, kind=guessed, partial=True)  # type: ignore[arg-type]
    demolition.relation(relation)


def _drop_type(ledger: Ledger, demolition: Demolition, item: Node) -> None:
    schema, name = names.object_name(item)
    found = ledger.scene.state.domain(schema, name) or ledger.scene.state.user_type(schema, name)
    if found is not None:
        demolition.type(found.name)
        return
    demolition.type(ledger.scene.name(schema, name))


def _drop_function(ledger: Ledger, demolition: Demolition, item: Node) -> None:
    schema, name = names.object_name(item)
    found = ledger.scene.state.functions(schema, name)
    demolition.function(found[0].name if found else ledger.scene.new_name(schema, name))


def _drop_index(ledger: Ledger, tree: Node, item: Node) -> None:
    schema, name = names.object_name(item)
    index = ledger.scene.index(schema, name)
    mode = _PATIENT if tree.get("concurrent") else _FULL
    if index is None:
        ledger.attach(ledger.scene.new_name(schema, name), None, mode)
        ledger.because("Its table, which is not known here, is locked in the same mode.")
        return
    ledger.lock(index.table, mode)
    ledger.attach_index(index, mode)
    if index.partitioned:
        ledger.lock_all(ledger.scene.partitions(ledger.scene.known(index.table)), mode)
    if tree.get("behavior") == "DROP_CASCADE":
        _drop_referencing(ledger, index)


def _drop_referencing(ledger: Ledger, index: Index) -> None:
    """A foreign key may stand on a unique index that no constraint owns."""
    columns = {key.column for key in index.keys}
    table = ledger.scene.known(index.table)
    for name, constraint in ledger.scene.referencing(index.table):
        if index.unique and set(ledger.scene.key_columns(table, constraint)) == columns:
            Demolition(ledger, cascade=True).constraint(name, constraint)


def _part(tree: Node, relation: Relation, present: object) -> bool:
    """Whether there is something to drop: IF EXISTS with nothing there takes no lock that lasts."""
    return bool(present) or relation.partial or not tree.get("missing_ok")


def _drop_trigger(ledger: Ledger, tree: Node, item: Node) -> None:
    relation, name = _owner(ledger, item)
    trigger = next((trigger for trigger in relation.triggers if trigger.name == name), None)
    if _part(tree, relation, trigger):
        ledger.lock(relation.name, _FULL)
        if trigger is None or trigger.for_each_row:
            ledger.lock_all(ledger.scene.partitions(relation), _FULL)


def _drop_policy(ledger: Ledger, tree: Node, item: Node) -> None:
    relation, name = _owner(ledger, item)
    if _part(tree, relation, any(policy.name == name for policy in relation.policies)):
        ledger.lock(relation.name, _FULL)


def _drop_rule(ledger: Ledger, tree: Node, item: Node) -> None:
    relation, name = _owner(ledger, item)
    if _part(tree, relation, name in relation.rules):
        ledger.lock(relation.name, _FULL)


def _owner(ledger: Ledger, item: Node) -> tuple[Relation, str]:
    schema, table, name = names.table_and_object(item)
    return ledger.scene.known(ledger.scene.name(schema, table)), name


def _drop_statistics(ledger: Ledger, tree: Node, item: Node) -> None:
    schema, name = names.object_name(item)
    for relation in ledger.scene.state.relations():
        if any(_is(found, schema, name) for found in relation.statistics):
            ledger.lock(relation.name, _PATIENT)


def _is(found: QualifiedName, schema: str, name: str) -> bool:
    return found.name == name and schema in ("", found.schema)


_PARTS: dict[str, Callable[[Ledger, Node, Node], None]] = {
    "OBJECT_INDEX": _drop_index,
    "OBJECT_TRIGGER": _drop_trigger,
    "OBJECT_POLICY": _drop_policy,
    "OBJECT_RULE": _drop_rule,
    "OBJECT_STATISTIC_EXT": _drop_statistics,
}


def of_owner(ledger: Ledger, tree: Node) -> None:
    """DROP OWNED and REASSIGN OWNED: every relation of the role, as far as owners are known."""
    roles = {item["RoleSpec"].get("rolename", "") for item in tree.get("roles", ())}
    demolition = Demolition(ledger, cascade=tree.get("behavior") == "DROP_CASCADE")
    for relation in list(ledger.scene.state.relations()):
        if relation.owner in roles and "newrole" in tree:
            ledger.lock(relation.name, _FULL)
        elif relation.owner in roles:
            demolition.relation(relation)
    ledger.because("Every relation of the role is closed.")


HANDLERS = {"DropStmt": drop, "DropOwnedStmt": of_owner, "ReassignOwnedStmt": of_owner}
