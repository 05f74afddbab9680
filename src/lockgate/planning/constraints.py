"""How a constraint is added while the table is in use: not validated or over an index first, complete afterwards."""

from __future__ import annotations

import re
from typing import Final

from lockgate.analysis.view import Constraint, Index, Relation
from lockgate.catalog import model
from lockgate.catalog.address import Address, Kind
from lockgate.planning.exchange.facts import definition_of
from lockgate.planning.strategies.base import Question
from lockgate.planning.twins import twin
from lockgate.sql.identifiers import quote
from lockgate.sql.parse import Node, Statement, deparse

KEYS: Final = ("primary key", "unique")


def holds_online(question: Question, constraint: Constraint) -> bool:
    """Whether such a constraint can come NOT VALID, or over an index: not every one of a partitioned table can."""
    kind = question.table.kind
    if kind == "partitioned table":
        return constraint.kind == "check" or (constraint.kind == "foreign key" and question.major >= 18)
    return kind == "table"


def again(question: Question, constraint: Constraint) -> tuple[str, ...] | None:
    """The statements that bring a constraint back; None where it has no form that leaves the table in use.

    They begin and end their own transactions. What the files do not tell of it (how it is deferred, the parameters of
    its index) is the server's word, where one can be asked.
    """
    table, snapshot = question.table, question.schema()
    alter, name = f"ALTER TABLE {table.name.sql}", quote(constraint.name)
    place = Address(Kind.CONSTRAINT, table.name.schema, table.name.name, constraint.name)
    known = snapshot.get(place) if snapshot is not None else None
    found = known if isinstance(known, model.Constraint) else None
    if constraint.kind in KEYS:
        index = next((one for one in table.indexes if one.constraint == constraint.name), None)
        if index is None or index.partitioned:
            return None
        added = f"{alter} ADD CONSTRAINT {name} {constraint.kind.upper()} USING INDEX {name}"
        return built_again(question, index), added + _deferral(constraint, found)
    if constraint.kind not in ("check", "foreign key"):
        return None
    words = found.definition.removesuffix(" NOT VALID") if found is not None else definition_of(constraint)
    added = f"{alter} ADD CONSTRAINT {name} {words}"
    if not constraint.enforced:
        return (added,)
    if not constraint.valid:
        return (f"{added} NOT VALID",)
    return "BEGIN", f"{added} NOT VALID", "COMMIT", f"{alter} VALIDATE CONSTRAINT {name}"


def _deferral(constraint: Constraint, found: model.Constraint | None) -> str:
    late = " INITIALLY DEFERRED" if found is not None and found.deferred else ""
    return f" DEFERRABLE{late}" if constraint.deferrable else ""


def built_again(question: Question, index: Index) -> str:
    """The statement that builds an index again while the table is in use, in the server's words where it has some."""
    snapshot = question.schema()
    found = snapshot.get(Address(Kind.INDEX, index.name.schema, index.name.name)) if snapshot else None
    if not isinstance(found, model.Index):
        return twin(index, {}, index.name.name)
    return re.sub(r"^(CREATE (?:UNIQUE )?INDEX) ", r"\1 CONCURRENTLY ", found.definition)


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
