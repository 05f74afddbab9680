"""Drop a constraint behind a gate, and keep the statements that bring it back while the table is in use.

The drop takes a moment. What it kept out comes in at once, and going back fails when it did: the way back says so by
validating again.
"""

from __future__ import annotations

from dataclasses import replace

from lockgate.planning.changes import Part
from lockgate.planning.constraints import again
from lockgate.planning.plan import PhaseKind
from lockgate.planning.strategies.base import Answer, Question, Strategy


def plan(question: Question) -> Answer | None:
    """The drop behind a gate; None when other tables' keys need the constraint, or nothing brings it back."""
    table, name = question.table, question.command["name"]
    constraint = table.constraint(name)
    if constraint is None or table.kind != "table" or question.command.get("behavior") == "DROP_CASCADE":
        return None
    back = again(table, constraint)
    if back is None:
        return None
    gate = f"no application relies on {name} to keep rows out of {table.name.name}"
    part = Part(PhaseKind.CONTRACT, f"drop constraint {name}", (question.statement.sql,), back, gate)
    part = replace(part, accepts=(("drop-constraint", _WHY), ("drop-primary-key", _WHY)))
    return Answer(f"drop-{table.name.name}-{name}", (part,))


_WHY = "the gate says that nobody relies on it"

STRATEGY = Strategy(
    "drop-constraint",
    ("AT_DropConstraint",),
    plan,
    __doc__ or "",
    "ALTER TABLE users DROP CONSTRAINT users_age_check",
)
