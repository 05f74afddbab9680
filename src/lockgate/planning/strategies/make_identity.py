"""Make an identity of a serial column: the sequence of the default hands its numbers on, in one short transaction.

The server refuses `ADD GENERATED … AS IDENTITY` while the column has a default; dropped alone, numbers would begin at
one again, and the next row would meet an old one. So the default goes, the identity comes, it goes on where the
sequence stands, and takes over its name.
"""

from __future__ import annotations

from lockgate.analysis.state.names import type_sql
from lockgate.analysis.view import Relation
from lockgate.errors import UsageError
from lockgate.planning.changes import Part
from lockgate.planning.exchange.pairing import grants_on, numbers_of
from lockgate.planning.plan import PhaseKind
from lockgate.planning.strategies.add_identity import always_or_default, counting, is_named
from lockgate.planning.strategies.base import Answer, Question, Strategy
from lockgate.sql.identifiers import QualifiedName, derived_name, literal, quote
from lockgate.sql.parse import Node


def plan(question: Question) -> Answer | None:
    """Hand the numbers on; None for a column without a default. Raises UsageError for a default of another kind."""
    table, name = question.table, question.command["name"]
    column = table.column(name)
    sequence = _numbering(question)
    identity = question.command["def"]["Constraint"]
    if (
        column is None
        or column.identity
        or is_named(identity)
        or (column.default is None and sequence is None)
    ):
        return None
    if sequence is None:
        raise UsageError(
            f"{table.name}.{name} has a default, and an identity column cannot have one",
            why="its numbers come from elsewhere, so that nobody can say where an identity would have to go on",
            next_steps=[
                f'lockgate plan "ALTER TABLE {table.name.sql} ALTER COLUMN {quote(name)} DROP DEFAULT"'
            ],
        )
    part = Part(
        PhaseKind.EXPAND,
        f"make {name} an identity",
        _handed_on(table, name, sequence, identity),
        _handed_back(question, sequence),
        accepts=_ACCEPTS,
    )
    note = f"{sequence} goes on under its name; rights on it are no longer needed, and go"
    return Answer(f"make-{table.name.name}-{name}-an-identity", (part,), (note,))


def _numbering(question: Question) -> QualifiedName | None:
    owner = (question.table.name, question.command["name"])
    return next((one.name for one in question.state.relations() if one.owned_by == owner), None)


def _handed_on(table: Relation, name: str, sequence: QualifiedName, identity: Node) -> tuple[str, ...]:
    own = f"ALTER TABLE {table.name.sql} ALTER COLUMN {quote(name)}"
    new = QualifiedName(sequence.schema, derived_name(sequence.name, suffix="_new"))
    options = f"SEQUENCE NAME {new.sql}{counting(identity)}"
    return (
        f"{own} DROP DEFAULT",
        f"{own} ADD GENERATED {always_or_default(identity)} AS IDENTITY ({options})",
        f"SELECT setval({literal(new.sql)}, last_value, is_called) FROM {sequence.sql}",
        f"DROP SEQUENCE {sequence.sql}",
        f"ALTER SEQUENCE {new.sql} RENAME TO {quote(sequence.name)}",
    )


def _handed_back(question: Question, sequence: QualifiedName) -> tuple[str, ...]:
    """The sequence again as it was, as far as anybody can ask; by the files alone it counts as serial columns do."""
    table, name = question.table, question.command["name"]
    snapshot, column = question.schema(), table.column(name)
    known = [one for one in snapshot.sequences_of(table.name) if one.name == sequence] if snapshot else []
    steps = "".join(numbers_of(one.numbers) for one in known)
    own = f"ALTER TABLE {table.name.sql} ALTER COLUMN {quote(name)}"
    old = QualifiedName(sequence.schema, derived_name(sequence.name, suffix="_old"))
    sort = known[0].numbers.type if known else type_sql(column.type) if column else "bigint"
    return (
        f"ALTER SEQUENCE {sequence.sql} RENAME TO {quote(old.name)}",
        f"CREATE SEQUENCE {sequence.sql} AS {sort}{steps} OWNED BY {table.name.sql}.{quote(name)}",
        f"SELECT setval({literal(sequence.sql)}, last_value, is_called) FROM {old.sql}",
        f"{own} DROP IDENTITY",
        f"{own} SET DEFAULT nextval({literal(sequence.sql)}::regclass)",
        *(grant for one in known for grant in grants_on(one)),
    )


_ACCEPTS = (
    ("statement-while-holding-access-exclusive", "it reads one row of a sequence"),
    ("drop-sequence-or-extension", "the identity has taken its numbers over"),
    ("rename-other-object", "it is the name that the sequence had"),
)

STRATEGY = Strategy(
    "make-identity",
    ("AT_AddIdentity",),
    plan,
    __doc__ or "",
    "ALTER TABLE logs ALTER COLUMN number ADD GENERATED ALWAYS AS IDENTITY",
)
