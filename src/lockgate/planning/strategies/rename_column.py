"""Rename a column while the old and the new application run side by side.

The new name comes as a mirror of the column: a trigger keeps both in step, a backfill fills the rows that were there,
and the mirror gets the indexes of the column, so that the new application is as fast as the old one. When the old
application is gone the mirror is dropped and the column itself is renamed, in one short transaction: its indexes,
constraints, policies, views and privileges stay on it, because it is still the same column.
"""

from __future__ import annotations

from lockgate.planning.changes import NOTHING_BACK, WITH_THE_COLUMN, Part
from lockgate.planning.columns import (
    beside,
    column_type,
    comparable,
    constant_default,
    drop_twin,
    indexes_over,
    same_rights,
    twin,
    twin_name,
)
from lockgate.planning.plan import PhaseKind
from lockgate.planning.strategies.base import OLD_GONE, Answer, Question, Strategy
from lockgate.planning.sync import Mirror
from lockgate.sql.identifiers import quote


def plan(question: Question) -> Answer | None:
    """Expand with a mirror, fill it, index it, contract by renaming."""
    tree, table = question.statement.tree, question.table
    old, new = tree["subname"], tree["newname"]
    column = table.column(old)
    if column is None or table.kind != "table":
        return None
    words = column_type(column)
    default = constant_default(column, words, question.state)
    mirror = Mirror(table.name, old, new, default=default, comparable=comparable(column.type))
    relation = f"ALTER TABLE {table.name.sql}"
    rights = same_rights(question.state, table, old, new)
    added = (*beside(table, new, words, default, column.collation), *rights)
    dropped = f"{relation} DROP COLUMN {quote(new)}"
    indexes = indexes_over(table, old)
    build = tuple(twin(index, {old: new}, twin_name(index)) for index in indexes)
    ready = f"may be deployed now: it reads and writes {new}"
    expand = Part(
        PhaseKind.EXPAND, f"add {new} beside {old}", (*added, *mirror.create()), (*mirror.drop(), dropped)
    )
    fill = Part(
        PhaseKind.MIGRATE,
        f"fill {new} from {old}",
        (mirror.backfill(),),
        (NOTHING_BACK,),
        application="" if indexes else ready,
        final=WITH_THE_COLUMN,
    )
    built = Part(
        PhaseKind.MIGRATE,
        f"index {new}",
        build,
        tuple(drop_twin(index) for index in reversed(indexes)),
        application=ready,
        one_by_one=True,
    )
    renamed = f"{relation} RENAME COLUMN {quote(old)} TO {quote(new)}"
    back = f"{relation} RENAME COLUMN {quote(new)} TO {quote(old)}"
    contract = Part(
        PhaseKind.CONTRACT,
        f"rename {old} to {new}",
        (*mirror.drop(), dropped, renamed),
        (back, *added, *mirror.create(), mirror.backfill(), *build),
        gate=OLD_GONE.format(what=f"column {table.name.name}.{old}"),
    )
    parts = (expand, fill, built, contract) if indexes else (expand, fill, contract)
    touches = frozenset({(str(table.name), old), (str(table.name), new)})
    notes = _notes(question, old, new, default)
    return Answer(f"rename-{table.name.name}-{old}", parts, notes, touches=touches)


def _notes(question: Question, old: str, new: str, default: str) -> tuple[str, ...]:
    notes = [
        f"going back over the contract brings {new} back empty and fills it again: put the old application back first"
    ]
    column = question.table.column(old)
    if column is not None and column.default is not None and default == "NULL":
        notes.append(
            f"the default of {old} differs from row to row: until the contract an INSERT of NULL into {new} gets it"
        )
    readers = question.state.readers(question.table.name)
    names = ", ".join(str(name) for name in readers)
    if readers:
        notes.append(f"views that show {old} keep showing it under its old name: {names}")
    return tuple(notes)


STRATEGY = Strategy(
    "rename-column",
    ("RenameStmt/OBJECT_COLUMN",),
    plan,
    __doc__ or "",
    "rename users.first_name to given_name",
)
