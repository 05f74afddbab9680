"""Make a column NOT NULL without reading the table under a strong lock, and without breaking old writers.

With a value for missing ones (``--fill``) a trigger supplies it first, so that writers which leave the column out do
not fail, and a backfill fills the old rows. Then the proof is added NOT VALID, validated while reads and writes go on,
and turned into NOT NULL without a scan. The trigger goes last, behind a gate. A constraint that is NOT VALID is
enforced at once for every insert and every update, also of old rows: that is why it comes after the backfill.
"""

from __future__ import annotations

from lockgate.analysis.rules.column_facts import is_not_null, is_proved_not_null
from lockgate.analysis.state.names import generated_name
from lockgate.planning.changes import KEPT_VALUE, NOTHING_BACK, Part, unproved_again
from lockgate.planning.filling import Filling
from lockgate.planning.inheritance import heirs
from lockgate.planning.plan import PhaseKind
from lockgate.planning.strategies.base import Answer, Question, Strategy
from lockgate.planning.sync import before_write, in_chunks
from lockgate.sql.identifiers import QualifiedName, derived_name, quote


def plan(question: Question) -> Answer | None:
    """Fill, prove, require."""
    table, column = question.table, question.command["name"]
    if is_not_null(table, column) or is_proved_not_null(table, column):
        return None
    parts = required(question, column)
    notes = (
        ()
        if question.fill
        else (
            f"rows where {column} is NULL make the proof fail: count them first, or say what they get (--fill)",
            f"writers that leave {column} out fail as soon as the constraint stands, validated or not",
        )
    )
    touches = frozenset({(str(table.name), column)})
    return Answer(f"require-{table.name.name}-{column}", tuple(parts), notes, touches=touches)


def required(question: Question, column: str) -> list[Part]:
    """The parts that make a column NOT NULL, with a trigger and a backfill where a value for missing ones is given."""
    proof = _proving(question, column)
    return _filled(question, column, proof) if question.fill else proof


def _filled(question: Question, column: str, proof: list[Part]) -> list[Part]:
    table, name = question.table.name, quote(column)
    function = QualifiedName(table.schema, derived_name("zz_lockgate_fill", table.name, column))
    filling = Filling.read(question.fill or "NULL", question.table)
    body = f"  NEW.{name} := coalesce(NEW.{name}, {filling.of_new_row});\n"
    below = heirs(question.table, question.state)
    create = before_write(table, function, body, question.state.search_path, below)
    away = (f"DROP TRIGGER {quote(function.name)} ON {one.sql}" for one in (table, *below))
    drop = (*away, f"DROP FUNCTION {function.sql}()")
    fill = in_chunks(table, below, f"SET {name} = {filling.sql} WHERE {name} IS NULL")
    gate = f"every running application gives {table.name}.{column} a value"
    return [
        Part(PhaseKind.EXPAND, f"fill {column} when it is missing", create, drop),
        Part(PhaseKind.MIGRATE, f"backfill {table.name} {column}", fill, (NOTHING_BACK,), final=KEPT_VALUE),
        *proof,
        Part(PhaseKind.CONTRACT, f"stop filling {column}", drop, create, gate=gate),
    ]


def _proving(question: Question, column: str) -> list[Part]:
    table = question.table.name
    plain = _free(question, generated_name(table.name, column, "not_null"))
    name = quote(plain)
    alter = f"ALTER TABLE {table.sql}"
    validate = f"{alter} VALIDATE CONSTRAINT {name}"
    if question.major >= 18:
        unproved = unproved_again(table, plain, f"NOT NULL {quote(column)} NOT VALID")
        added = f"{alter} ADD CONSTRAINT {name} NOT NULL {quote(column)} NOT VALID"
        return [
            Part(PhaseKind.MIGRATE, f"require {column}", (added,), (f"{alter} DROP CONSTRAINT {name}",)),
            Part(PhaseKind.CONTRACT, f"validate {column}", (validate,), (unproved,), one_by_one=True),
        ]
    unproved = unproved_again(table, plain, f"CHECK ({quote(column)} IS NOT NULL) NOT VALID")
    added = f"{alter} ADD CONSTRAINT {name} CHECK ({quote(column)} IS NOT NULL) NOT VALID"
    required = f"{alter} ALTER COLUMN {quote(column)} SET NOT NULL"
    dropped = f"{alter} DROP CONSTRAINT {name}"
    return [
        Part(PhaseKind.MIGRATE, f"require {column}", (added,), (dropped,)),
        Part(PhaseKind.MIGRATE, f"validate {column}", (validate,), (unproved,), one_by_one=True),
        Part(
            PhaseKind.CONTRACT,
            f"set {column} not null",
            (required, dropped),
            (
                f"{alter} ADD CONSTRAINT {name} CHECK ({quote(column)} IS NOT NULL)",
                f"{alter} ALTER COLUMN {quote(column)} DROP NOT NULL",
            ),
        ),
    ]


def _free(question: Question, name: str) -> str:
    """The name that the server would choose: with a number behind it where it is taken."""
    taken = {constraint.name for constraint in question.table.constraints}
    numbered = (f"{name}{number}" for number in range(1, len(taken) + 2))
    return next(one for one in (name, *numbered) if one not in taken)


STRATEGY = Strategy("set-not-null", ("AT_SetNotNull",), plan, __doc__ or "", "require users.email", "''")
