"""Empty a table in chunks instead of by TRUNCATE.

TRUNCATE takes ACCESS EXCLUSIVE and waits for every reader while everybody else waits behind it; what it removes is gone
for replicas and snapshots at once, without triggers. A backfill that deletes lets reads and writes go on, fires the
triggers, and can be stopped. Rows that come while it runs are deleted too: the gate says when nobody needs them.
"""

from __future__ import annotations

from lockgate.analysis.state.names import range_var
from lockgate.planning.changes import KEEPABLE, Part
from lockgate.planning.plan import PhaseKind
from lockgate.planning.strategies.base import Answer, Question, Strategy
from lockgate.sql.identifiers import QualifiedName


def plan(question: Question) -> Answer | None:
    """One backfill for each table, in the order in which they are named; None for TRUNCATE … CASCADE."""
    tree = question.statement.tree
    if tree.get("behavior") == "DROP_CASCADE":
        return None
    known = [question.state.relation(*range_var(item["RangeVar"])) for item in tree["relations"]]
    tables = [table.name for table in known if table is not None and not table.is_new]
    if len(tables) != len(tree["relations"]):
        return None
    parts = tuple(_emptied(table) for table in tables)
    notes = ["the rows of the table are kept in a side table, for the way back"]
    if tree.get("restart_seqs"):
        notes.append(
            "the sequences go on where they are: restarting one could give a number that is still in use"
        )
    return Answer(f"empty-{tables[0].name}", parts, tuple(notes))


def _emptied(table: QualifiedName) -> Part:
    return Part(
        PhaseKind.MIGRATE,
        f"empty {table.name}",
        (f"-- lockgate: backfill\nDELETE FROM {table.sql} WHERE true",),
        gate=f"nobody needs the rows of {table.name} any more",
        final=KEEPABLE,
    )


STRATEGY = Strategy("empty-table", ("TruncateStmt",), plan, __doc__ or "", "TRUNCATE logs")
