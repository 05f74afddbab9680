"""Rename a column while the old and the new application run side by side.

The new name comes as a mirror of the column: a trigger keeps both in step, a backfill fills the rows that were there.
When the old application is gone the mirror is dropped and the column itself is renamed, in one short transaction: its
indexes, constraints, policies, views and privileges stay on it, because it is still the same column.
"""

from __future__ import annotations

from lockgate.analysis.state.names import type_sql
from lockgate.planning.changes import NOTHING_BACK, Part
from lockgate.planning.plan import PhaseKind
from lockgate.planning.strategies.base import OLD_GONE, Answer, Question, Strategy
from lockgate.planning.sync import Mirror
from lockgate.sql.identifiers import quote


def plan(question: Question) -> Answer | None:
    """Expand with a mirror, fill it, contract by renaming."""
    tree, table = question.statement.tree, question.table
    old, new = tree["subname"], tree["newname"]
    column = table.column(old)
    if column is None or table.kind not in ("table", "partitioned table"):
        return None
    mirror = Mirror(table.name, old, new)
    relation = f"ALTER TABLE {table.name.sql}"
    added = f"{relation} ADD COLUMN {quote(new)} {type_sql(column.type)}"
    dropped = f"{relation} DROP COLUMN {quote(new)}"
    renamed = f"{relation} RENAME COLUMN {quote(old)} TO {quote(new)}"
    back = f"{relation} RENAME COLUMN {quote(new)} TO {quote(old)}"
    parts = (
        Part(
            PhaseKind.EXPAND,
            f"add {new} beside {old}",
            (added, *mirror.create()),
            (*mirror.drop(), dropped),
        ),
        Part(
            PhaseKind.MIGRATE,
            f"fill {new} from {old}",
            (mirror.backfill(),),
            (NOTHING_BACK,),
            application=f"may be deployed now: it reads and writes {new}",
        ),
        Part(
            PhaseKind.CONTRACT,
            f"rename {old} to {new}",
            (*mirror.drop(), dropped, renamed),
            (back, added, *mirror.create(), mirror.backfill()),
            gate=OLD_GONE.format(what=f"column {table.name.name}.{old}"),
        ),
    )
    return Answer(f"rename-{table.name.name}-{old}", parts, _notes(question, old))


def _notes(question: Question, old: str) -> tuple[str, ...]:
    readers = question.state.readers(question.table.name)
    names = ", ".join(str(name) for name in readers)
    return (f"views that show {old} keep showing it under its old name: {names}",) if readers else ()


STRATEGY = Strategy("rename-column", ("RenameStmt/OBJECT_COLUMN",), plan, __doc__ or "")
