"""Drop a column in the order in which nobody misses it: stop requiring it, put it aside, drop it.

A column that is NOT NULL without a default would make the new application fail when it stops writing it. It gets a
default (``--fill``), which is undone exactly, or else is relaxed. Then it gets another name for a while: what still
uses it shows itself while its values are still there, and going back takes a moment. The drop itself waits behind a
gate. What the server would not leave without the column stops the change and is named; with CASCADE it goes along.
"""

from __future__ import annotations

from lockgate.analysis.view import Relation
from lockgate.planning.changes import KEEPABLE, Part
from lockgate.planning.filling import Filling
from lockgate.planning.needed import refuse_needed, users_of_column
from lockgate.planning.plan import PhaseKind
from lockgate.planning.strategies.base import NOT_MISSED, Answer, Question, Strategy
from lockgate.sql.identifiers import derived_name, quote


def plan(question: Question) -> Answer | None:
    """Relax, put aside behind a gate, drop behind another."""
    table, name = question.table, question.command["name"]
    column = table.column(name)
    if column is None:
        return None
    behavior = " CASCADE" if question.command.get("behavior") == "DROP_CASCADE" else ""
    users = users_of_column(question, name)
    if not behavior:
        refuse_needed(question, f"{table.name}.{name}", users)
    aside = _aside(table, name)
    alter = f"ALTER TABLE {table.name.sql}"
    gives = column.default is not None or column.identity or column.generated or _is_serial(question, name)
    required = column.not_null and not gives
    parts = [_relaxed(question, alter, name)] if required else []
    parts += [
        Part(
            PhaseKind.CONTRACT,
            f"put {table.name.name} {name} aside",
            (f"{alter} RENAME COLUMN {quote(name)} TO {quote(aside)}",),
            (f"{alter} RENAME COLUMN {quote(aside)} TO {quote(name)}",),
            gate=f"no running application reads or writes {table.name.name}.{name}",
        ),
        Part(
            PhaseKind.CONTRACT,
            f"drop {table.name.name} {aside}",
            (f"{alter} DROP COLUMN {quote(aside)}{behavior}",),
            gate=NOT_MISSED.format(what=f"{table.name.name}.{name}"),
            final=KEEPABLE,
            accepts=(("drop-cascade", "the plan names what goes along"),),
        ),
    ]
    notes = [f"the values of {name} are kept in a side table when the last file drops them"]
    if users:
        notes.append(f"{'; '.join(one.words for one in users)}: CASCADE takes them along")
    if required and not question.fill:
        notes.append(
            f"rows that come without {name} cannot be made NOT NULL again: with --fill VALUE they get one,"
            " and the way back is exact"
        )
    touches = frozenset({(str(table.name), name)})
    return Answer(f"drop-{table.name.name}-{name}", tuple(parts), tuple(notes), touches=touches)


def _aside(table: Relation, name: str) -> str:
    first = derived_name(name, suffix="_to_be_dropped")
    numbered = (derived_name(name, suffix=f"_to_be_dropped{n}") for n in range(2, len(table.columns) + 3))
    return next(one for one in (first, *numbered) if table.column(one) is None)


def _is_serial(question: Question, name: str) -> bool:
    return any(one.owned_by == (question.table.name, name) for one in question.state.relations())


def _relaxed(question: Question, alter: str, name: str) -> Part:
    column = f"{alter} ALTER COLUMN {quote(name)}"
    if question.fill:
        filling = Filling.read(question.fill, question.table)
        sql, back = f"{column} SET DEFAULT {filling.as_default()}", f"{column} DROP DEFAULT"
    else:
        sql, back = f"{column} DROP NOT NULL", f"{column} SET NOT NULL"
    application = f"may be deployed now: it neither reads nor writes {name}"
    return Part(PhaseKind.EXPAND, f"relax {name}", (sql,), (back,), application=application)


STRATEGY = Strategy("drop-column", ("AT_DropColumn",), plan, __doc__ or "", "drop users.nickname", "''")
