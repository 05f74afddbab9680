"""Putting together the SQL to write instead."""

from __future__ import annotations

from typing import Any

from lockgate.analysis.rules.base import Context
from lockgate.analysis.state.columns import ConstraintSpec
from lockgate.analysis.state.indexes import read_index, unused_name
from lockgate.analysis.state.keys import constraint_name
from lockgate.analysis.view import Relation
from lockgate.sql.identifiers import QualifiedName, quote
from lockgate.sql.parse import Node, deparse

NEXT_FILE = "-- then, in a migration of its own:"
"""What separates statements that must not share a transaction where the runner has no word for that."""


def one_by_one(context: Context, *statements: str) -> str:
    """Statements that must not share a transaction, each with its semicolon."""
    ended = [statement if statement.endswith(";") else f"{statement};" for statement in statements]
    marker = context.session.runner.marker
    if marker:
        return "\n".join([marker, *ended])
    return f"\n{NEXT_FILE}\n".join(ended)


def alter_table(table: Relation, *commands: str) -> str:
    """``ALTER TABLE name command, command``."""
    return f"ALTER TABLE {table.name.sql} {', '.join(commands)}"


def altered(table: Relation, node: Node) -> str:
    """``ALTER TABLE`` with one command given as a parse tree (the inside of ``AlterTableCmd``)."""
    tree = {"relation": _range_var(table.name), "cmds": [{"AlterTableCmd": node}], "objtype": "OBJECT_TABLE"}
    return deparse({"AlterTableStmt": tree})


def add_constraint(table: Relation, constraint: Node, **changes: Any) -> str:
    """``ALTER TABLE … ADD CONSTRAINT`` of a ``Constraint`` node with some fields changed (None removes one)."""
    changed = {key: value for key, value in {**constraint, **changes}.items() if value is not None}
    command = {
        "subtype": "AT_AddConstraint",
        "def": {"Constraint": changed},
        "behavior": "DROP_RESTRICT",
    }
    return altered(table, command)


def not_valid_then_validate(context: Context, table: Relation, spec: ConstraintSpec) -> str:
    """The two steps that add a CHECK or a foreign key without a scan under a strong lock."""
    name = constraint_name(table, spec.constraint)
    added = add_constraint(table, spec.node, conname=name, skip_validation=True, initially_valid=None)
    return one_by_one(context, added, alter_table(table, f"VALIDATE CONSTRAINT {quote(name)}"))


def create_index(context: Context, index: Node, concurrent: bool = False, **changes: Any) -> str:
    """An index statement without IF NOT EXISTS, with a name of its own, and perhaps CONCURRENTLY."""
    name = index.get("idxname") or read_index(context.state, index).name.name
    kept = {key: value for key, value in index.items() if key not in ("if_not_exists", "concurrent")}
    tree = {**kept, "idxname": name, **({"concurrent": True} if concurrent else {}), **changes}
    return deparse({"IndexStmt": tree}) + ";"


def drop_indexes_concurrently(item: Node, missing_ok: bool) -> str:
    """One index dropped concurrently (the server takes one at a time, and no CASCADE)."""
    tree = {"objects": [item], "removeType": "OBJECT_INDEX", "behavior": "DROP_RESTRICT", "concurrent": True}
    return deparse({"DropStmt": {**tree, **({"missing_ok": True} if missing_ok else {})}}) + ";"


def index_partition_by_partition(context: Context, index: Node) -> str:
    """An index of a partitioned table, built concurrently on each known partition and attached."""
    parent = context.relation(index["relation"])
    name = QualifiedName(
        parent.name.schema, index.get("idxname") or read_index(context.state, index).name.name
    )
    steps = [_on(context, index, parent, name.name, only=True)]
    for child in context.state.children(parent.name):
        partition = context.state.known(child)
        below = unused_name(context.state, child, read_index(context.state, index).keys)
        if partition.kind == "partitioned table":
            node = {**index, "relation": _range_var(partition.name), "idxname": below}
            steps.append(index_partition_by_partition(context, node))
        else:
            steps.append(_on(context, index, partition, below, only=False))
        attached = QualifiedName(child.schema, below).sql
        steps.append(f"ALTER INDEX {name.sql} ATTACH PARTITION {attached};")
    return "\n".join(steps)


def _on(context: Context, index: Node, table: Relation, name: str, only: bool) -> str:
    relation = {**_range_var(table.name), "inh": not only}
    return create_index(context, index, concurrent=not only, relation=relation, idxname=name)


def _range_var(name: QualifiedName) -> Node:
    schema = {"schemaname": name.schema} if name.schema else {}
    return {"relname": name.name, "inh": True, "relpersistence": "p", **schema}
