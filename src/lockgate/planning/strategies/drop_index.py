"""Drop an index without stopping its table, and keep the statement that builds it again.

The drop waits for the transactions that use the index, not they for it. A gate stands before it, because a
query that still needs it becomes slow at once. The way back builds it concurrently.
"""

from __future__ import annotations

from lockgate.analysis.state.names import object_name
from lockgate.planning.changes import Part
from lockgate.planning.plan import PhaseKind
from lockgate.planning.strategies.base import Answer, Question, Strategy
from lockgate.planning.twins import twin


def plan(question: Question) -> Answer | None:
    """The drop, concurrently; None for an index of a partitioned table, a constraint's, or several at once."""
    tree = question.statement.tree
    index = question.state.index(*object_name(tree["objects"][0]))
    if index is None or len(tree["objects"]) != 1 or index.constraint or question.table.kind != "table":
        return None
    part = Part(
        PhaseKind.CONTRACT,
        f"drop index {index.name.name}",
        (f"DROP INDEX CONCURRENTLY {index.name.sql}",),
        (twin(index, {}, index.name.name),),
        gate=f"no query needs the index {index.name.name} any more",
    )
    return Answer(f"drop-{index.name.name}", (part,))


STRATEGY = Strategy(
    "drop-index", ("DropStmt/OBJECT_INDEX",), plan, __doc__ or "", "DROP INDEX users_first_name"
)
