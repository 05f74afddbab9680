"""Putting together the SQL to write instead."""

from __future__ import annotations

from typing import Any

from lockgate.analysis.rules.base import Context
from lockgate.analysis.state.columns import ConstraintSpec
from lockgate.analysis.state.keys import constraint_name
from lockgate.analysis.view import Relation
from lockgate.sql.identifiers import quote
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
    schema = {"schemaname": table.name.schema} if table.name.schema else {}
    relation = {"relname": table.name.name, "inh": True, "relpersistence": "p", **schema}
    tree = {"relation": relation, "cmds": [{"AlterTableCmd": node}], "objtype": "OBJECT_TABLE"}
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
