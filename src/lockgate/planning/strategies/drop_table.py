"""Drop a table in two steps: out of the way first, gone later.

Renaming takes a moment and is undone in a moment. What still uses the table shows itself while its rows are still
there.
"""

from __future__ import annotations

from lockgate.planning.changes import KEEPABLE, Part
from lockgate.planning.plan import PhaseKind
from lockgate.planning.strategies.base import Answer, Question, Strategy
from lockgate.sql.identifiers import QualifiedName, derived_name, quote


def plan(question: Question) -> Answer | None:
    """Rename, wait, drop."""
    tree, table = question.statement.tree, question.table
    if len(tree["objects"]) != 1 or table.kind not in ("table", "partitioned table"):
        return None
    aside = QualifiedName(table.name.schema, derived_name(table.name.name, suffix="_to_be_dropped"))
    cascade = " CASCADE" if tree.get("behavior") == "DROP_CASCADE" else ""
    parts = (
        Part(
            PhaseKind.CONTRACT,
            f"put {table.name.name} aside",
            (f"ALTER TABLE {table.name.sql} RENAME TO {quote(aside.name)}",),
            (f"ALTER TABLE {aside.sql} RENAME TO {quote(table.name.name)}",),
            gate=f"no running application uses {table.name.name}",
        ),
        Part(
            PhaseKind.CONTRACT,
            f"drop {table.name.name}",
            (f"DROP TABLE {aside.sql}{cascade}",),
            gate=f"nobody has missed {table.name.name} for as long as your slowest job takes to come round",
            final=KEEPABLE,
        ),
    )
    notes = (f"the rows of {aside.name} are kept in a side table when the last file drops it",)
    return Answer(f"drop-{table.name.name}", parts, notes)


STRATEGY = Strategy("drop-table", ("DropStmt/OBJECT_TABLE",), plan, __doc__ or "", "drop logs")
