"""Add what no table can get while it is in use: an exclusion constraint, a stored generated column, or its expression.

There is no NOT VALID and no USING INDEX for EXCLUDE, and the values of a stored column are written by a rewrite. So a
new table has it from the beginning. A trigger follows every write, a backfill copies the rows, and the two exchange
their names in one short transaction, the shortest interruption that is known. From the first part on, a write that the
constraint forbids fails; old rows that it forbids stop the copy. Until the exchange a column shows what its old
expression says.
"""

from __future__ import annotations

from typing import Final

from lockgate.analysis.state.names import generated_name
from lockgate.errors import UsageError
from lockgate.planning.rebuild.parts import rebuilt
from lockgate.planning.rebuild.shape import Shape
from lockgate.planning.strategies.base import Answer, Question, Strategy
from lockgate.sql.identifiers import quote
from lockgate.sql.parse import Node

_SET_EXPRESSION: Final = 17
"""Servers before this version know no such command."""


def plan(question: Question) -> Answer | None:
    """A new table that has it; None for other constraints and columns."""
    definition = question.command.get("def", {})
    if question.command["subtype"] == "AT_SetExpression":
        return _computed_anew(question)
    if question.table.kind != "table":
        return None
    if definition.get("Constraint", {}).get("contype") == "CONSTR_EXCLUSION":
        return _excluded(question, definition["Constraint"])
    inline = definition.get("ColumnDef", {}).get("constraints", ())
    kinds = [item["Constraint"] for item in inline]
    stored = [one for one in kinds if one.get("contype") == "CONSTR_GENERATED"]
    if len(kinds) != 1 or not stored or stored[0].get("generated_kind", "s") != "s":
        return None
    words = question.words("ADD COLUMN")
    return rebuilt(
        question, f"add-{question.table.name.name}-column", Shape(commands=(f"ADD COLUMN {words}",))
    )


def _computed_anew(question: Question) -> Answer | None:
    """Another expression of a stored column; None where its values are computed when they are read."""
    table, name = question.table, question.command["name"]
    column = table.column(name)
    if column is not None and not column.generated:
        raise UsageError(f"{table.name}.{name} is no generated column: it has no expression to set")
    if question.major < _SET_EXPRESSION:
        raise UsageError(
            f"SET EXPRESSION needs PostgreSQL {_SET_EXPRESSION}",
            next_steps=["add another generated column beside it, and drop this one when nobody reads it"],
        )
    if column is None or column.generated != "stored":
        return None
    command = f"ALTER COLUMN {question.words('ALTER COLUMN')}"
    return rebuilt(question, f"compute-{table.name.name}-{name}", Shape(commands=(command,)))


def _excluded(question: Question, constraint: Node) -> Answer:
    table = question.table.name
    columns = [item["List"]["items"][0]["IndexElem"].get("name", "expr") for item in constraint["exclusions"]]
    name = constraint.get("conname") or generated_name(table.name, "_".join(columns), "excl")
    words = question.words("ADD").removeprefix(f"CONSTRAINT {quote(name)} ")
    note = f"from the first part on a write that {name} forbids fails, and an old row that it forbids stops the copy"
    return rebuilt(question, f"add-{name}", Shape(constraints=((name, words),)), (note,))


STRATEGY = Strategy(
    "add-by-rebuild",
    ("AT_AddConstraint", "AT_AddColumn", "AT_SetExpression"),
    plan,
    __doc__ or "",
    "ALTER TABLE visits ADD CONSTRAINT visits_apart EXCLUDE USING btree (at WITH =)",
)
