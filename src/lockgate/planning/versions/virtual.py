"""Names that only versions show: with a view for each version nothing has to be mirrored, filled or left behind.

The old version and the new one show the same column (or table) under two names. When nobody uses the old one any more
the column itself gets the new name, in one short statement; the views that are left go on showing it.
"""

from __future__ import annotations

from typing import Final

from lockgate.planning.changes import Part
from lockgate.planning.plan import PhaseKind
from lockgate.planning.strategies.base import OLD_GONE, Answer, Question, Strategy
from lockgate.sql.identifiers import QualifiedName, quote

_SHOWN: Final = (
    ("rename-column", "the views of the version that is left go on showing it under its new name"),
    ("rename-table", "the views of the version that is left go on showing it under its new name"),
)


def rename_column(question: Question) -> Answer | None:
    """One statement behind the gate."""
    tree, table = question.statement.tree, question.table
    old, new = tree["subname"], tree["newname"]
    if table.kind not in ("table", "partitioned table") or table.column(old) is None:
        return None
    alter = f"ALTER TABLE {table.name.sql}"
    return _renamed(
        f"rename-{table.name.name}-{old}",
        f"rename {old} to {new}",
        f"column {table.name.name}.{old}",
        (
            f"{alter} RENAME COLUMN {quote(old)} TO {quote(new)}",
            f"{alter} RENAME COLUMN {quote(new)} TO {quote(old)}",
        ),
    )


def rename_table(question: Question) -> Answer | None:
    """One statement behind the gate."""
    table, new = question.table, question.statement.tree["newname"]
    if table.kind not in ("table", "partitioned table"):
        return None
    renamed = QualifiedName(table.name.schema, new)
    return _renamed(
        f"rename-{table.name.name}",
        f"rename {table.name.name} to {new}",
        f"name {table.name.name}",
        (
            f"ALTER TABLE {table.name.sql} RENAME TO {quote(new)}",
            f"ALTER TABLE {renamed.sql} RENAME TO {quote(table.name.name)}",
        ),
    )


def _renamed(change: str, title: str, what: str, sql: tuple[str, str]) -> Answer:
    forth, back = sql
    gate = OLD_GONE.format(what=what)
    return Answer(change, (Part(PhaseKind.CONTRACT, title, (forth,), (back,), gate, accepts=_SHOWN),))


VIRTUAL: Final = (
    Strategy("rename-column", ("RenameStmt/OBJECT_COLUMN",), rename_column, __doc__ or "", ""),
    Strategy("rename-table", ("RenameStmt/OBJECT_TABLE",), rename_table, __doc__ or "", ""),
)
"""What is done instead of the strategies of the same name where every client asks for a version."""
