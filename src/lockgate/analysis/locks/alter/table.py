"""ALTER TABLE, ALTER VIEW, ALTER INDEX and their like: the strongest action decides the lock for all of them."""

from __future__ import annotations

from collections.abc import Callable

from lockgate.analysis.locks.alter import (
    columns,
    constraints,
    nullability,
    partitions,
    storage,
    triggers,
    types,
)
from lockgate.analysis.locks.alter.modes import mode_of
from lockgate.analysis.locks.alter.work import Alteration
from lockgate.analysis.locks.ledger import Ledger
from lockgate.analysis.locks.scene import is_stored
from lockgate.analysis.state import names
from lockgate.analysis.view import Index, Relation
from lockgate.sql.identifiers import QualifiedName
from lockgate.sql.parse import Node
from lockgate.types import LockMode
from lockgate.values import replace

Action = Callable[[Alteration, Node], None]

ACTIONS: dict[str, Action] = {
    "AT_AddColumn": columns.add_column,
    "AT_DropColumn": columns.drop_column,
    "AT_ColumnDefault": columns.on_family,
    "AT_DropNotNull": nullability.drop_not_null,
    "AT_SetNotNull": nullability.set_not_null,
    "AT_SetExpression": columns.set_expression,
    "AT_DropExpression": columns.on_family,
    "AT_SetStatistics": columns.on_family,
    "AT_SetStorage": columns.on_family,
    "AT_AddIdentity": columns.identity,
    "AT_SetIdentity": columns.identity,
    "AT_DropIdentity": columns.identity,
    "AT_AlterColumnType": types.change_type,
    "AT_AddConstraint": constraints.add_constraint,
    "AT_DropConstraint": constraints.drop_constraint,
    "AT_ValidateConstraint": constraints.validate_constraint,
    "AT_AlterConstraint": constraints.alter_constraint,
    "AT_SetLogged": storage.set_logged,
    "AT_SetUnLogged": storage.set_logged,
    "AT_SetAccessMethod": storage.set_access_method,
    "AT_SetTableSpace": storage.set_tablespace,
    "AT_EnableTrig": triggers.switch_trigger,
    "AT_EnableAlwaysTrig": triggers.switch_trigger,
    "AT_EnableReplicaTrig": triggers.switch_trigger,
    "AT_DisableTrig": triggers.switch_trigger,
    "AT_EnableTrigAll": triggers.switch_trigger,
    "AT_EnableTrigUser": triggers.switch_trigger,
    "AT_DisableTrigAll": triggers.switch_trigger,
    "AT_DisableTrigUser": triggers.switch_trigger,
    "AT_AttachPartition": partitions.attach,
    "AT_DetachPartition": partitions.detach,
    "AT_DetachPartitionFinalize": partitions.finalize,
    "AT_AddInherit": partitions.inherit,
    "AT_DropInherit": partitions.inherit,
}
"""What each action does; one that is not listed stays with the table and touches no row."""

_LATE = frozenset({"AT_AddConstraint", "AT_ValidateConstraint"})
_EARLY = frozenset({"AT_DropColumn", "AT_DropConstraint", "AT_DropNotNull"})


def alter_table(ledger: Ledger, tree: Node) -> None:
    """Every statement that the parser calls ``AlterTableStmt``."""
    commands = [item["AlterTableCmd"] for item in tree.get("cmds", ())]
    mode = max((mode_of(command) for command in commands), default=LockMode.ACCESS_EXCLUSIVE)
    if tree.get("objtype") == "OBJECT_TYPE":
        _alter_composite(ledger, tree, commands, mode)
        return
    schema, name = names.range_var(tree["relation"])
    index = ledger.scene.index(schema, name)
    if tree.get("objtype") == "OBJECT_INDEX" or index is not None:
        _alter_index(ledger, ledger.scene.new_name(schema, name), index, commands, mode)
        return
    relation = ledger.scene.relation(tree["relation"])
    if relation.kind == "sequence" or tree.get("objtype") == "OBJECT_SEQUENCE":
        rewrite = any(command["subtype"] in ("AT_SetLogged", "AT_SetUnLogged") for command in commands)
        ledger.lock_sequence(relation, mode, rewrite=rewrite)
        return
    alteration = Alteration(ledger, relation, mode, commands, alone=not tree["relation"].get("inh"))
    _carry_out(alteration)


def _carry_out(alteration: Alteration) -> None:
    """In the server's order: what is dropped first, then columns and types, then constraints."""
    alteration.own()
    for command in sorted(alteration.commands, key=_pass):
        ACTIONS.get(command["subtype"], columns.on_table)(alteration, command)
    alteration.settle()


def _pass(command: Node) -> int:
    action = command["subtype"]
    if action in _EARLY:
        return 0
    if action == "AT_AlterColumnType":
        return 1
    return 3 if action in _LATE else 2


def _alter_composite(ledger: Ledger, tree: Node, commands: list[Node], mode: LockMode) -> None:
    """ALTER TYPE of a composite type: the tables that were made from it follow."""
    wanted = ledger.scene.range_var(tree["relation"])
    for relation in ledger.scene.state.relations():
        if relation.of_type == wanted:
            columns = relation.columns or ledger.scene.known(wanted).columns
            _carry_out(Alteration(ledger, replace(relation, columns=columns), mode, commands))


def _alter_index(
    ledger: Ledger, name: QualifiedName, index: Index | None, commands: list[Node], mode: LockMode
) -> None:
    """ALTER INDEX: the table is not locked, but an index under ACCESS EXCLUSIVE stops queries from being planned."""
    moves = any(command["subtype"] == "AT_SetTableSpace" for command in commands)
    if index is None:
        ledger.attach(name, None, mode, rewrite=moves)
    else:
        ledger.attach_index(index, mode, rewrite=moves)
    if moves:
        ledger.because("The index is copied; no query on its table can be planned meanwhile.")
    for command in commands:
        if command["subtype"] == "AT_AttachPartition":
            _attach_index(ledger, index, command)


def _attach_index(ledger: Ledger, parent: Index | None, command: Node) -> None:
    schema, name = names.range_var(command["def"]["PartitionCmd"]["name"])
    child = ledger.scene.index(schema, name)
    if child is None:
        ledger.attach(ledger.scene.new_name(schema, name), None, LockMode.ACCESS_EXCLUSIVE)
    else:
        ledger.attach_index(child, LockMode.ACCESS_EXCLUSIVE)
    for index in (parent, child):
        if index is not None:
            ledger.lock(index.table, LockMode.ACCESS_SHARE)


def alter_all_in_tablespace(ledger: Ledger, tree: Node) -> None:
    """ALTER TABLE or INDEX ALL IN TABLESPACE: every one that lies there is copied."""
    source = tree.get("orig_tablespacename", "")
    indexes = tree.get("objtype") == "OBJECT_INDEX"
    kinds = {"OBJECT_TABLE": ("table", "partitioned table"), "OBJECT_MATVIEW": ("materialized view",)}
    for relation in ledger.scene.state.relations():
        if indexes:
            _move_indexes(ledger, relation, source)
        elif relation.tablespace == source and relation.kind in kinds.get(tree["objtype"], ()):
            ledger.lock(relation.name, LockMode.ACCESS_EXCLUSIVE, rewrite=is_stored(relation))
    ledger.because("Whatever lies in the tablespace is copied under the lock.")


def _move_indexes(ledger: Ledger, relation: Relation, source: str) -> None:
    for index in relation.indexes:
        if index.tablespace == source:
            ledger.attach_index(index, LockMode.ACCESS_EXCLUSIVE, rewrite=True)


HANDLERS = {"AlterTableStmt": alter_table, "AlterTableMoveAllStmt": alter_all_in_tablespace}
