"""How a constraint is added while the table is in use: not validated or over an index first, complete afterwards."""

from __future__ import annotations

from typing import Final

from lockgate.analysis.view import Constraint, Relation
from lockgate.planning.exchange.facts import definition_of
from lockgate.planning.twins import twin
from lockgate.sql.identifiers import quote
from lockgate.sql.parse import Node, Statement, deparse

KEYS: Final = ("primary key", "unique")


def again(table: Relation, constraint: Constraint) -> tuple[str, ...] | None:
    """The statements that bring a constraint back; None where it has no form that leaves the table in use.

    They begin and end their own transactions.
    """
    alter, name = f"ALTER TABLE {table.name.sql}", quote(constraint.name)
    if constraint.kind in KEYS:
        index = next((one for one in table.indexes if one.constraint == constraint.name), None)
        if index is None or index.partitioned:
            return None
        deferred = " DEFERRABLE" if constraint.deferrable else ""
        added = f"{alter} ADD CONSTRAINT {name} {constraint.kind.upper()} USING INDEX {name}{deferred}"
        return twin(index, {}, constraint.name), added
    if constraint.kind not in ("check", "foreign key"):
        return None
    added = f"{alter} ADD CONSTRAINT {name} {definition_of(constraint)}"
    if not constraint.valid:
        return (added,)
    return "BEGIN", f"{added} NOT VALID", "COMMIT", f"{alter} VALIDATE CONSTRAINT {name}"


def renamed_constraint(table: Relation, old: str, new: str) -> str:
    """Gives a constraint another name."""
    return f"ALTER TABLE {table.name.sql} RENAME CONSTRAINT {quote(old)} TO {quote(new)}"


def dropped_constraint(table: Relation, name: str) -> str:
    """Takes a constraint away."""
    return f"ALTER TABLE {table.name.sql} DROP CONSTRAINT {quote(name)}"


def named(statement: Statement, name: str, *, not_valid: bool = False) -> str:
    """ADD CONSTRAINT as it was written, under another name, perhaps leaving old rows for VALIDATE."""
    tree = statement.tree
    command = dict(tree["cmds"][0]["AlterTableCmd"])
    told: Node = {**command["def"]["Constraint"], "conname": name}
    if not_valid:
        told = {**told, "skip_validation": True}
        told.pop("initially_valid", None)
    command["def"] = {"Constraint": told}
    return deparse({"AlterTableStmt": {**tree, "cmds": [{"AlterTableCmd": command}]}})
