"""Empty a table in chunks instead of by TRUNCATE.

TRUNCATE takes ACCESS EXCLUSIVE and waits for every reader while everybody else waits behind it; what it removes is gone
for replicas and snapshots at once, without triggers. A backfill that deletes lets reads and writes go on, fires the
triggers, and can be stopped. Rows that come while it runs are deleted too: the gate says when nobody needs them.
"""

from __future__ import annotations

from lockgate.analysis.state.catalog import Catalog
from lockgate.analysis.state.names import range_var
from lockgate.analysis.view import Relation
from lockgate.planning.changes import KEEPABLE, Part
from lockgate.planning.inheritance import heirs
from lockgate.planning.plan import PhaseKind
from lockgate.planning.separate import needing_first
from lockgate.planning.strategies.base import Answer, Question, Strategy
from lockgate.sql.identifiers import QualifiedName


def plan(question: Question) -> Answer | None:
    """One backfill for each table, those that refer to another one first; with CASCADE also for those."""
    tree, state = question.statement.tree, question.state
    known = [state.relation(*range_var(item["RangeVar"])) for item in tree["relations"]]
    tables = [table.name for table in known if table is not None and not table.is_new]
    if len(tables) != len(tree["relations"]):
        return None
    if tree.get("behavior") == "DROP_CASCADE":
        tables = _with_references(tables, state)
    parts = [_emptied(state.known(table), state) for table in needing_first(tables, state)]
    notes = ["the rows of the table are kept in a side table, for the way back"]
    if tree.get("restart_seqs"):
        notes.append(
            "the sequences go on where they are: restarting one could give a number that is still in use"
        )
    return Answer(f"empty-{tables[0].name}", tuple(parts), tuple(notes))


def _with_references(tables: list[QualifiedName], state: Catalog) -> list[QualifiedName]:
    """The tables and, as CASCADE has it, all that refer to them."""
    found = dict.fromkeys(tables)
    queue = list(tables)
    while queue:
        for other, _ in state.referencing(queue.pop()):
            if other not in found:
                found[other] = None
                queue.append(other)
    return list(found)


def _emptied(table: Relation, state: Catalog) -> Part:
    below = heirs(table, state)
    only = "ONLY " if below else ""
    return Part(
        PhaseKind.MIGRATE,
        f"empty {table.name.name}",
        tuple(
            f"-- lockgate: backfill\nDELETE FROM {only}{name.sql} WHERE true" for name in (table.name, *below)
        ),
        gate=f"nobody needs the rows of {table.name.name} any more",
        final=KEEPABLE,
    )


STRATEGY = Strategy("empty-table", ("TruncateStmt",), plan, __doc__ or "", "TRUNCATE logs")
