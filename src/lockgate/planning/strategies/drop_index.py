"""Drop an index without stopping its table, and keep the statement that builds it again.

The drop waits for the transactions that use the index, not they for it. A gate stands before it, because a
query that still needs it becomes slow at once. The way back builds it concurrently.
"""

from __future__ import annotations

from lockgate.analysis.state.names import object_name
from lockgate.analysis.view import Index
from lockgate.errors import UsageError
from lockgate.planning.changes import Part
from lockgate.planning.constraints import built_again
from lockgate.planning.plan import PhaseKind
from lockgate.planning.strategies.base import Answer, Question, Strategy
from lockgate.sql.identifiers import quote


def plan(question: Question) -> Answer | None:
    """The drop, concurrently; None for an index of a partitioned table; raises UsageError for a constraint's."""
    tree = question.statement.tree
    index = question.state.index(*object_name(tree["objects"][0]))
    if index is not None and index.constraint:
        raise _refusal(index)
    if index is None or len(tree["objects"]) != 1 or question.table.kind != "table":
        return None
    part = Part(
        PhaseKind.CONTRACT,
        f"drop index {index.name.name}",
        (f"DROP INDEX CONCURRENTLY {index.name.sql}",),
        (built_again(question, index),),
        gate=f"no query needs the index {index.name.name} any more",
    )
    return Answer(f"drop-{index.name.name}", (part,))


def _refusal(index: Index) -> UsageError:
    drop = f"ALTER TABLE {index.table.sql} DROP CONSTRAINT {quote(index.constraint)}"
    return UsageError(
        f"{index.name.name} belongs to the constraint {index.constraint} of {index.table}",
        why="the server lets such an index only go with its constraint",
        next_steps=[f"lockgate plan '{drop}'"],
    )


STRATEGY = Strategy(
    "drop-index", ("DropStmt/OBJECT_INDEX",), plan, __doc__ or "", "DROP INDEX users_first_name"
)
