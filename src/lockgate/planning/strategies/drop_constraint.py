"""Drop a constraint behind a gate, and keep the statements that bring it back while the table is in use.

The drop takes a moment. What it kept out comes in at once, and going back fails when it did: the way back says so by
validating again.
"""

from __future__ import annotations

from dataclasses import replace

from lockgate.analysis.view import Constraint
from lockgate.planning.changes import Part
from lockgate.planning.constraints import KEYS, again, holds_online
from lockgate.planning.plan import PhaseKind
from lockgate.planning.strategies.base import Answer, Question, Strategy


def plan(question: Question) -> Answer | None:
    """The drop behind a gate; None with CASCADE, or where nothing brings it back."""
    table, name = question.table, question.command["name"]
    constraint = table.constraint(name)
    if constraint is None or not holds_online(question, constraint):
        return None
    back = again(question, constraint)
    if back is None or question.command.get("behavior") == "DROP_CASCADE":
        return None
    gate = f"no application relies on {name} to keep rows out of {table.name.name}"
    part = Part(PhaseKind.CONTRACT, f"drop constraint {name}", (question.statement.sql,), back, gate)
    part = replace(part, accepts=(("drop-constraint", _WHY), ("drop-primary-key", _WHY)))
    needing = ", ".join(_needing(question, constraint))
    notes = (f"it cannot go before the foreign keys that need it: {needing}",) if needing else ()
    return Answer(f"drop-{table.name.name}-{name}", (part,), notes)


def _needing(question: Question, constraint: Constraint) -> list[str]:
    """The foreign keys that refer to the columns of a key."""
    if constraint.kind not in KEYS:
        return []
    primary = constraint.kind == "primary key"
    return [
        f"{one.name} of {table}"
        for table, one in question.state.referencing(question.table.name)
        if sorted(one.referenced_columns) == sorted(constraint.columns)
        or (primary and not one.referenced_columns)
    ]


_WHY = "the gate says that nobody relies on it"

STRATEGY = Strategy(
    "drop-constraint",
    ("AT_DropConstraint",),
    plan,
    __doc__ or "",
    "ALTER TABLE users DROP CONSTRAINT users_age_check",
)
