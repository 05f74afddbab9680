"""Add a column that is NOT NULL and has no default: it comes empty, is filled, and is required at the end.

No old row has a value for it and no old writer gives one. With ``--fill`` a trigger supplies the value until every
application does, old rows get it by a backfill, and NOT NULL follows as for any other column.
"""

from __future__ import annotations

from dataclasses import replace

from lockgate.planning.changes import Part
from lockgate.planning.plan import PhaseKind
from lockgate.planning.strategies.base import Answer, Question, Strategy
from lockgate.planning.strategies.set_not_null import required
from lockgate.sql.identifiers import quote
from lockgate.sql.parse import Node, deparse

_GIVE_VALUES = ("CONSTR_DEFAULT", "CONSTR_GENERATED", "CONSTR_IDENTITY")


def plan(question: Question) -> Answer | None:
    """Add it nullable, then require it; None unless it is required, without a value, and one is given."""
    column = question.command["def"]["ColumnDef"]
    kinds = [item["Constraint"].get("contype") for item in column.get("constraints", ())]
    if not question.fill or "CONSTR_NOTNULL" not in kinds or any(kind in _GIVE_VALUES for kind in kinds):
        return None
    name, table = column["colname"], question.table.name
    added = Part(
        PhaseKind.EXPAND,
        f"add {table.name} {name}",
        (_nullable(question.statement.tree, column),),
        (f"ALTER TABLE {table.sql} DROP COLUMN {quote(name)}",),
    )
    asked = replace(question, command={"name": name})
    return Answer(f"add-{table.name}-{name}", (added, *required(asked, name)))


def _nullable(tree: Node, column: Node) -> str:
    kept = [item for item in column["constraints"] if item["Constraint"].get("contype") != "CONSTR_NOTNULL"]
    bare = {key: value for key, value in column.items() if key != "constraints"}
    definition = {**bare, "constraints": kept} if kept else bare
    command = {**tree["cmds"][0]["AlterTableCmd"], "def": {"ColumnDef": definition}}
    return deparse({"AlterTableStmt": {**tree, "cmds": [{"AlterTableCmd": command}]}})


STRATEGY = Strategy(
    "add-column",
    ("AT_AddColumn",),
    plan,
    __doc__ or "",
    "ALTER TABLE users ADD COLUMN kind text NOT NULL",
    "'plain'",
)
