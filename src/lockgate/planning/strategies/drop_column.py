"""Drop a column in the order in which nobody misses it: stop requiring it, stop using it, drop it.

A column that is NOT NULL without a default would make the new application fail when it stops writing it, so it is
relaxed first. The drop itself waits behind a gate; its data are kept by the rollback that ``lockgate rollback write``
derives.
"""

from __future__ import annotations

from lockgate.planning.changes import Part
from lockgate.planning.plan import PhaseKind
from lockgate.planning.strategies.base import Answer, Question, Strategy
from lockgate.sql.identifiers import quote


def plan(question: Question) -> Answer | None:
    """Relax, then drop behind a gate."""
    table, name = question.table, question.command["name"]
    column = table.column(name)
    if column is None:
        return None
    alter = f"ALTER TABLE {table.name.sql}"
    parts = []
    if column.not_null and column.default is None and not column.identity:
        relax = (f"{alter} ALTER COLUMN {quote(name)} DROP NOT NULL",)
        tighten = (f"{alter} ALTER COLUMN {quote(name)} SET NOT NULL",)
        application = f"may be deployed now: it neither reads nor writes {name}"
        parts.append(Part(PhaseKind.EXPAND, f"relax {name}", relax, tighten, application=application))
    parts.append(
        Part(
            PhaseKind.CONTRACT,
            f"drop {table.name.name} {name}",
            (question.statement.sql,),
            gate=f"no running application reads or writes {table.name.name}.{name}",
        )
    )
    notes = (
        "lockgate rollback write keeps the dropped values in a side table, so that the way back brings them back",
    )
    return Answer(f"drop-{table.name.name}-{name}", tuple(parts), notes)


STRATEGY = Strategy("drop-column", ("AT_DropColumn",), plan, __doc__ or "")
