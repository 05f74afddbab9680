"""Give a value of an enum another name while both applications live.

RENAME VALUE takes effect at once: whoever says the old name fails from then on. So the new value is added beside the
old one; when every application understands both and writes the new one, a backfill moves the rows, and defaults follow.
The old value stays in the type, unused: PostgreSQL cannot take one out. To be rid of it make a new type without it and
change the columns' type to that.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from lockgate.catalog.model import Column, Table
from lockgate.catalog.snapshot import Snapshot
from lockgate.planning.changes import KEEPABLE, VALUE_STAYS, Part
from lockgate.planning.plan import PhaseKind
from lockgate.planning.strategies.base import Answer, Question, Strategy
from lockgate.sql.identifiers import QualifiedName, literal, quote


def plan(question: Question) -> Answer | None:
    """Add, move, leave the old one; None for ADD VALUE."""
    tree, name = question.statement.tree, question.table.name
    old, new = tree.get("oldVal"), tree["newVal"]
    if old is None:
        return None
    snapshot = question.schema()
    columns = list(_columns(snapshot, name)) if snapshot is not None else []
    added = Part(
        PhaseKind.EXPAND,
        f"add {new} to {name.name}",
        (f"ALTER TYPE {name.sql} ADD VALUE {literal(new)} BEFORE {literal(old)}",),
        application=f"may be deployed now: it understands {new} beside {old}, and writes {new}",
        final=VALUE_STAYS,
    )
    gate = f"every running application understands {new}, and none writes {old} any more"
    moved = [part for table, column in columns for part in _moved(table, column, old, new)]
    moved[:1] = [replace(part, gate=gate) for part in moved[:1]]
    return Answer(f"rename-value-of-{name.name}", (added, *moved), _notes(snapshot, columns, old))


def _columns(snapshot: Snapshot, name: QualifiedName) -> Iterator[tuple[QualifiedName, Column]]:
    wanted = (name.sql, str(name))
    for table in snapshot.of_type(Table):
        if not table.is_partition:
            yield from ((table.name, column) for column in table.columns if column.type in wanted)


def _moved(table: QualifiedName, column: Column, old: str, new: str) -> Iterator[Part]:
    name, words = quote(column.column), f"{table.name} {column.column}"
    alter = f"ALTER TABLE {table.sql} ALTER COLUMN {name} SET DEFAULT"
    if column.default is not None and literal(old) in column.default:
        default = column.default.replace(literal(old), literal(new))
        back = f"{alter} {column.default}"
        yield Part(PhaseKind.MIGRATE, f"default of {words}", (f"{alter} {default}",), (back,))
    change = f"UPDATE {table.sql} SET {name} = {literal(new)} WHERE {name} = {literal(old)}"
    yield Part(
        PhaseKind.MIGRATE, f"move {words} to {new}", (f"-- lockgate: backfill\n{change}",), final=KEEPABLE
    )


def _notes(
    snapshot: Snapshot | None, columns: list[tuple[QualifiedName, Column]], old: str
) -> tuple[str, ...]:
    if snapshot is None:
        return ("the schema cannot be read: the columns of this type are not known, and their rows are left",)
    used = ", ".join(f"{table}.{column.column}" for table, column in columns) or "no column"
    return (
        f"rows are moved in {used}; views, functions, policies and checks that say {old} are left to you",
    )


STRATEGY = Strategy(
    "rename-enum-value",
    ("AlterEnumStmt",),
    plan,
    __doc__ or "",
    "ALTER TYPE mood RENAME VALUE 'sad' TO 'blue'",
)
