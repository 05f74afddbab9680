"""Add an identity column without writing the table anew: numbered by a sequence first, an identity at the end.

New rows take their number from a sequence of the column's own, old ones get theirs by a backfill, NOT NULL is proved
while reads and writes go on, and in one short transaction an identity that goes on counting takes the place of the
default.
"""

from __future__ import annotations

from lockgate.analysis.state.names import generated_name, type_sql
from lockgate.planning.changes import NOTHING_BACK, WITH_THE_COLUMN, Part, unproved_again
from lockgate.planning.plan import PhaseKind
from lockgate.planning.strategies.base import Answer, Question, Strategy
from lockgate.sql.identifiers import QualifiedName, derived_name, literal, quote
from lockgate.sql.parse import Node, deparse


def plan(question: Question) -> Answer | None:
    """Number, fill, prove, exchange; None for a column that is no identity, or where there can be none."""
    column = question.command["def"]["ColumnDef"]
    inline = [item["Constraint"] for item in column.get("constraints", ())]
    identity = next((one for one in inline if one.get("contype") == "CONSTR_IDENTITY"), None)
    others = {one.get("contype") for one in inline} - {"CONSTR_IDENTITY", "CONSTR_NOTNULL"}
    kinds = ("table", "partitioned table") if question.major >= 17 else ("table",)
    if identity is None or others or question.table.kind not in kinds or is_named(identity):
        return None
    return Answer(f"add-{question.table.name.name}-{column['colname']}", _parts(question, column, identity))


def is_named(identity: Node) -> bool:
    """Whether the statement says which sequence it is to be, or of what type."""
    names = {item["DefElem"].get("defname") for item in identity.get("options", ())}
    return bool(names & {"sequence_name", "owned_by", "as"})


def counting(identity: Node) -> str:
    """How the identity counts, in words: START WITH, INCREMENT BY and their like."""
    named = {"relname": "s", "inh": True, "relpersistence": "p"}
    tree = {"CreateSeqStmt": {"sequence": named, "options": identity.get("options", [])}}
    return deparse(tree).removeprefix("CREATE SEQUENCE s")


def always_or_default(identity: Node) -> str:
    """When the identity numbers a row, in words."""
    return "ALWAYS" if identity.get("generated_when") == "a" else "BY DEFAULT"


def _parts(question: Question, column: Node, identity: Node) -> tuple[Part, ...]:
    table, name = question.table.name, column["colname"]
    alter = f"ALTER TABLE {table.sql}"
    own = f"{alter} ALTER COLUMN {quote(name)}"
    aside = QualifiedName(table.schema, derived_name(table.name, name, suffix="_fill"))
    steps = counting(identity)
    made = f"CREATE SEQUENCE {aside.sql}{steps} OWNED BY {table.sql}.{quote(name)}"
    numbered = f"nextval({literal(aside.sql)})"
    words = type_sql(question.state.resolve_type(column["typeName"]))
    proof = quote(generated_name(table.name, name, "not_null"))
    added = f"{alter} ADD COLUMN {quote(name)} {words}"
    expand = (
        added,
        made,
        f"{own} SET DEFAULT {numbered}",
    )
    fill = f"-- lockgate: backfill\nUPDATE {table.sql} SET {quote(name)} = {numbered} WHERE {quote(name)} IS NULL"
    proved = f"{alter} ADD CONSTRAINT {proof} CHECK ({quote(name)} IS NOT NULL) NOT VALID"
    validated = f"{alter} VALIDATE CONSTRAINT {proof}"
    check = f"CHECK ({quote(name)} IS NOT NULL) NOT VALID"
    unproved = unproved_again(table, generated_name(table.name, name, "not_null"), check)
    sequence = QualifiedName(table.schema, generated_name(table.name, name, "seq"))
    contract = (
        f"{own} SET NOT NULL",
        f"{alter} DROP CONSTRAINT {proof}",
        f"{own} DROP DEFAULT",
        f"{own} ADD GENERATED {always_or_default(identity)} AS IDENTITY (SEQUENCE NAME {sequence.sql}{steps})",
        f"SELECT setval({literal(sequence.sql)}, last_value, is_called) FROM {aside.sql}",
        f"DROP SEQUENCE {aside.sql}",
    )
    back = (
        "BEGIN",
        made,
        f"SELECT setval({literal(aside.sql)}, last_value, is_called) FROM {sequence.sql}",
        f"{own} DROP IDENTITY",
        f"{own} SET DEFAULT {numbered}",
        f"{own} DROP NOT NULL",
        proved,
        "COMMIT",
        validated,
    )
    return (
        Part(PhaseKind.EXPAND, f"add {name}", expand, (f"{alter} DROP COLUMN {quote(name)}",)),
        Part(PhaseKind.MIGRATE, f"number {name}", (fill,), (NOTHING_BACK,), final=WITH_THE_COLUMN),
        Part(PhaseKind.MIGRATE, f"require {name}", (proved,), (f"{alter} DROP CONSTRAINT {proof}",)),
        Part(PhaseKind.MIGRATE, f"validate {name}", (validated,), (unproved,), one_by_one=True),
        Part(PhaseKind.CONTRACT, f"make {name} an identity", contract, back, accepts=_ACCEPTS),
    )


_ACCEPTS = (
    ("statement-while-holding-access-exclusive", "it reads one row of a sequence"),
    ("drop-sequence-or-extension", "it came with the change and nothing else uses it"),
)

STRATEGY = Strategy(
    "add-identity",
    ("AT_AddColumn",),
    plan,
    __doc__ or "",
    "ALTER TABLE users ADD COLUMN number bigint GENERATED ALWAYS AS IDENTITY",
)
