"""Rename a column while the old and the new application run side by side.

The new name comes as a mirror of the column: a trigger keeps both in step, a backfill fills the rows that were there,
and the mirror gets the indexes of the column, so that the new application is as fast as the old one. When the old
application is gone the mirror is dropped and the column itself is renamed, in one short transaction: its indexes,
constraints, policies, views and privileges stay on it, because it is still the same column.
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.state.names import type_sql
from lockgate.analysis.type_changes import constraint_of
from lockgate.analysis.view import Column, TypeRef
from lockgate.planning.changes import LIKE_THE_COLUMN, NOTHING_BACK, WITH_THE_COLUMN, Part
from lockgate.planning.columns import beside, comparable, constant_default, indexes_over, same_rights
from lockgate.planning.computed import Computed
from lockgate.planning.inheritance import heirs
from lockgate.planning.plan import PhaseKind
from lockgate.planning.strategies.base import OLD_GONE, Answer, Question, Strategy
from lockgate.planning.sync import Mirror
from lockgate.planning.twins import drop_twin, twins
from lockgate.sql.identifiers import quote
from lockgate.sql.parse import deparse_expression, parse_one
from lockgate.values import replace


def plan(question: Question) -> Answer | None:
    """Expand with a mirror, fill it, index it, contract by renaming; None for what no mirror can stand beside."""
    tree, table = question.statement.tree, question.table
    old, new = tree["subname"], tree["newname"]
    column = table.column(old)
    if column is None or table.kind not in ("table", "partitioned table"):
        return None
    reasons = list(_obstacles(question, old))
    if reasons:
        return _as_it_stands(question, old, reasons)
    parts = (
        _virtual(question, column, new) if column.generated == "virtual" else _mirrored(question, column, new)
    )
    touches = frozenset({(str(table.name), old), (str(table.name), new)})
    return Answer(
        f"rename-{table.name.name}-{old}", parts, tuple(_notes(question, column, new)), touches=touches
    )


def _obstacles(question: Question, old: str) -> Iterator[str]:
    table = question.table
    below = map(question.state.known, heirs(table, question.state))
    if any(len(one.parents) > 1 or one.kind != "table" for one in below):
        yield "a table inherits it from several others"
    keys = table.partition_key.keys if table.partition_key is not None else ()
    if any(key.column == old or key.expression is not None for key in keys):
        yield "its partitions are divided by it, and no trigger may move a row to another one"


def _as_it_stands(question: Question, old: str, reasons: list[str]) -> Answer:
    table, new = question.table, question.statement.tree["newname"]
    alter = f"ALTER TABLE {table.name.sql} RENAME COLUMN"
    part = Part(
        PhaseKind.CONTRACT,
        f"rename {old} to {new}",
        (f"{alter} {quote(old)} TO {quote(new)}",),
        (f"{alter} {quote(new)} TO {quote(old)}",),
        gate=f"every running application bears it that {table.name.name}.{old} becomes {new} in one moment",
    )
    note = f"{table.name}.{old} cannot have both names for a while: {'; '.join(reasons)}"
    return Answer(f"rename-{table.name.name}-{old}", (part,), (note, "the rename itself takes a moment"))


def _base(question: Question, column: Column) -> TypeRef:
    """The type of the mirror: that below a domain that demands something, which the column itself goes on demanding."""
    state = question.state
    return state.base_type(column.type) if constraint_of(column.type, state) else column.type


def _default(question: Question, column: Column) -> str:
    """The default of the mirror: the column's own, or that of its domain."""
    chain = question.state.domain_chain(column.type)
    given = next((domain.default for domain in chain if domain.default is not None), None)
    own = column if column.default is not None else replace(column, default=given)
    return constant_default(own, type_sql(_base(question, column)), question.state)


def _mirror(question: Question, column: Column, new: str) -> Mirror | Computed:
    table, path = question.table.name, tuple(question.state.search_path)
    base = _base(question, column)
    words = type_sql(base)
    below = heirs(question.table, question.state)
    if column.generated and column.default is not None:
        return Computed(table, column.name, new, words, column.default, path, below)
    default = _default(question, column)
    up, down = "{value}", "{value}"
    if base != column.type:
        up, down = f"{{value}}::{words}", f"{{value}}::{type_sql(column.type)}"
    return Mirror(table, column.name, new, up, down, default, comparable(base), below=below)


def _mirrored(question: Question, column: Column, new: str) -> tuple[Part, ...]:
    old, mirror = column.name, _mirror(question, column, new)
    family = (question.table, *map(question.state.known, heirs(question.table, question.state)))
    indexes = [index for table in family for index in indexes_over(table, old)]
    build = tuple(sql for index in indexes for sql in twins(index, {old: new}, question.state))
    ready = f"may be deployed now: it reads {'' if column.generated else 'and writes '}{new}"
    added, dropped = _beside(question, column, new), _dropped(question, new)
    expand = Part(
        PhaseKind.EXPAND,
        f"add {new} beside {old}",
        (*added, *mirror.create()),
        (*mirror.drop(), dropped),
        accepts=LIKE_THE_COLUMN,
    )
    fill = Part(
        PhaseKind.MIGRATE,
        f"fill {new} from {old}",
        mirror.backfills(),
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
        accepts=LIKE_THE_COLUMN,
    )
    again = (*added, *mirror.create(), *mirror.backfills(), *build)
    contract = _renamed(question, old, new, (*mirror.drop(), dropped), again)
    return (expand, fill, built, contract) if indexes else (expand, fill, contract)


def _beside(question: Question, column: Column, new: str) -> tuple[str, ...]:
    words, default = type_sql(_base(question, column)), _default(question, column)
    rights = same_rights(question.state, question.table, column.name, new)
    return (*beside(question.table, new, words, default, column.collation), *rights)


def _dropped(question: Question, new: str) -> str:
    return f"ALTER TABLE {question.table.name.sql} DROP COLUMN {quote(new)}"


def _renamed(question: Question, old: str, new: str, away: tuple[str, ...], again: tuple[str, ...]) -> Part:
    """The column itself takes the name, once what stood beside it is away."""
    table = question.table.name
    rename = f"ALTER TABLE {table.sql} RENAME COLUMN"
    return Part(
        PhaseKind.CONTRACT,
        f"rename {old} to {new}",
        (*away, f"{rename} {quote(old)} TO {quote(new)}"),
        (f"{rename} {quote(new)} TO {quote(old)}", *again),
        gate=OLD_GONE.format(what=f"column {table.name}.{old}"),
    )


def _virtual(question: Question, column: Column, new: str) -> tuple[Part, ...]:
    """A column that is computed when it is read can stand under two names at once."""
    table, old = question.table, column.name
    words, value = type_sql(column.type), deparse_expression(column.default or {})
    added = (
        f"ALTER TABLE {table.name.sql} ADD COLUMN {quote(new)} {words} GENERATED ALWAYS AS ({value}) VIRTUAL",
        *same_rights(question.state, table, old, new),
    )
    dropped = _dropped(question, new)
    ready = f"may be deployed now: it reads {new}"
    expand = Part(PhaseKind.EXPAND, f"add {new} beside {old}", added, (dropped,), application=ready)
    return expand, _renamed(question, old, new, (dropped,), added)


def _notes(question: Question, column: Column, new: str) -> Iterator[str]:
    old = column.name
    if column.generated != "virtual":
        yield (
            f"going back over the contract brings {new} back empty and fills it again:"
            " put the old application back first"
        )
    if column.generated:
        yield f"{old} is generated: neither application writes it, under either name"
    elif column.default is not None and _default(question, column) == "NULL":
        yield f"the default of {old} differs from row to row: until the contract an INSERT of NULL into {new} gets it"
    readers = question.state.readers(question.table.name)
    if readers:
        yield f"views that show {old} keep showing it under its old name: {', '.join(map(str, readers))}"
    deaf = ", ".join(_fired_by(question, old))
    if deaf:
        yield f"triggers on UPDATE OF {old} do not fire for an UPDATE of {new} before the contract: {deaf}"


def _fired_by(question: Question, column: str) -> Iterator[str]:
    """The triggers that only an UPDATE which names the column sets off; the server tells of which they are."""
    snapshot = question.schema() if question.table.triggers else None
    for trigger in snapshot.triggers_of(question.table.name) if snapshot is not None else ():
        named = parse_one(trigger.definition).tree.get("columns", ())
        if column in [item["String"]["sval"] for item in named]:
            yield trigger.address.part


STRATEGY = Strategy(
    "rename-column",
    ("RenameStmt/OBJECT_COLUMN",),
    plan,
    __doc__ or "",
    "rename users.first_name to given_name",
)
