"""Change a column's type without rewriting the table under a lock.

A second column of the new type is kept in step by a trigger, filled in chunks, and gets the indexes of the first while
reads and writes go on. Then the two change names in one short transaction. The old column stays, still in step, until
nobody needs to go back. A column that keys, other tables, views, policies, checks or generated columns depend on is
left to a person, with the reason.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from lockgate.analysis.locks import forecast
from lockgate.analysis.rules.column_facts import mentions_column
from lockgate.analysis.state.names import generated_name, type_sql
from lockgate.analysis.view import Column, Index
from lockgate.planning.changes import NOTHING_BACK, Part
from lockgate.planning.columns import (
    beside,
    comparable,
    constant_default,
    drop_twin,
    indexes_over,
    over,
    same_rights,
    twin,
    twin_name,
)
from lockgate.planning.plan import PhaseKind
from lockgate.planning.strategies.base import Answer, Question, Strategy
from lockgate.planning.sync import Mirror
from lockgate.sql.identifiers import QualifiedName, derived_name, quote
from lockgate.sql.parse import deparse_expression

_PLACE: Final = "lockgate_value"
_WHOLE: Final = {"smallint": (-(2**15), 2**15 - 1), "integer": (-(2**31), 2**31 - 1)}


@dataclass(frozen=True, slots=True)
class _Swap:
    """Names and statements that the parts share."""

    question: Question
    column: Column
    type: str

    @property
    def alter(self) -> str:
        return f"ALTER TABLE {self.question.table.name.sql}"

    @property
    def new(self) -> str:
        return derived_name(self.column.name, suffix="_new")

    @property
    def old(self) -> str:
        return derived_name(self.column.name, suffix="_old")

    @property
    def indexes(self) -> list[Index]:
        return indexes_over(self.question.table, self.column.name)

    @property
    def up(self) -> str:
        using = self.question.command["def"]["ColumnDef"].get("raw_default")
        if using is None:
            return f"{{value}}::{self.type}"
        text = (
            deparse_expression(over(using, {self.column.name: _PLACE})).replace("{", "{{").replace("}", "}}")
        )
        value = text.replace(_PLACE, "{value}")
        return value if value.endswith(f"::{self.type}") else f"({value})::{self.type}"

    @property
    def old_type(self) -> str:
        return type_sql(self.column.type)

    @property
    def down(self) -> str:
        """The old value of a new one; NULL for a whole number that the old column has no room for."""
        cast = f"{{value}}::{self.old_type}"
        if self.type != "bigint" or self.old_type not in _WHOLE:
            return cast
        least, most = _WHOLE[self.old_type]
        return f"CASE WHEN {{value}} BETWEEN {least} AND {most} THEN {cast} END"

    @property
    def default(self) -> str:
        return constant_default(self.column, self.type, self.question.state)

    @property
    def before(self) -> Mirror:
        """Keeps the column of the new type in step while everybody uses the old one."""
        return self._mirror(self.column.name, self.new, self.default)

    @property
    def after(self) -> Mirror:
        """Keeps the old column in step after the exchange, for the way back."""
        return self._mirror(self.old, self.column.name, "NULL")

    def _mirror(self, old: str, new: str, default: str) -> Mirror:
        question = self.question
        given = question.command["def"]["ColumnDef"]
        target = question.state.resolve_type(given["typeName"])
        path = question.state.search_path if given.get("raw_default") else ()
        return Mirror(
            question.table.name, old, new, self.up, self.down, default, comparable(target), tuple(path)
        )


def plan(question: Question) -> Answer | None:
    """Mirror in the new type, fill, index, swap, drop; None when the server needs no rewrite."""
    column = question.table.column(question.command["name"])
    if column is None or not column.type.name.name or question.table.kind != "table":
        return None
    if not any(
        lock.rewrite for lock in forecast(question.statement, question.state, question.major).relations
    ):
        return None
    table = question.table.name
    name = f"change-type-{table.name}-{column.name}"
    reasons = _in_the_way(question, column)
    if reasons:
        part = Part(PhaseKind.CONTRACT, f"change type of {column.name}", (question.statement.sql,))
        note = f"{table}.{column.name} cannot be exchanged by itself: {'; '.join(reasons)}"
        return Answer(
            name, (part,), (note, "as it stands the whole table is rewritten while nobody can use it")
        )
    swap = _Swap(question, column, _type_words(question))
    return Answer(name, tuple(_parts(swap)), _notes(swap))


def _type_words(question: Question) -> str:
    return type_sql(question.state.resolve_type(question.command["def"]["ColumnDef"]["typeName"]))


def _parts(swap: _Swap) -> list[Part]:
    table, column = swap.question.table, swap.column
    rights = same_rights(swap.question.state, table, column.name, swap.new)
    add = (*beside(table, swap.new, swap.type, swap.default), *rights)
    drop_new = f"{swap.alter} DROP COLUMN {quote(swap.new)}"
    before = swap.before
    parts = [
        Part(PhaseKind.EXPAND, f"add {swap.new}", (*add, *before.create()), (*before.drop(), drop_new)),
        Part(PhaseKind.MIGRATE, f"fill {swap.new}", (before.backfill(),), (NOTHING_BACK,)),
    ]
    if swap.indexes:
        names = {column.name: swap.new}
        build = tuple(twin(index, names, twin_name(index)) for index in swap.indexes)
        undo = tuple(drop_twin(index) for index in reversed(swap.indexes))
        parts.append(Part(PhaseKind.MIGRATE, f"index {swap.new}", build, undo, one_by_one=True))
    if column.not_null:
        parts += _proof(swap)
    return [*parts, *_exchange(swap)]


def _proof(swap: _Swap) -> list[Part]:
    name = quote(_proof_name(swap))
    add = f"{swap.alter} ADD CONSTRAINT {name} CHECK ({quote(swap.new)} IS NOT NULL) NOT VALID"
    validate = f"{swap.alter} VALIDATE CONSTRAINT {name}"
    return [
        Part(PhaseKind.MIGRATE, f"require {swap.new}", (add,), (f"{swap.alter} DROP CONSTRAINT {name}",)),
        Part(PhaseKind.MIGRATE, f"validate {swap.new}", (validate,), (NOTHING_BACK,), one_by_one=True),
    ]


def _exchange(swap: _Swap) -> list[Part]:
    column, alter = swap.column, swap.alter
    old, new, name = quote(swap.old), quote(swap.new), quote(column.name)
    away, here = f"{alter} RENAME COLUMN {name} TO {old}", f"{alter} RENAME COLUMN {new} TO {name}"
    forth = [*swap.before.drop(), away, here, *_defaults_forth(swap), *_required_forth(swap)]
    back = [*swap.after.drop(), *_relaxed_back(swap), *_defaults_back(swap)]
    back += [f"{alter} RENAME COLUMN {name} TO {new}", f"{alter} RENAME COLUMN {old} TO {name}"]
    back += [f"{alter} ALTER COLUMN {name} SET NOT NULL"] if column.not_null else []
    back += swap.before.create()
    rights = same_rights(swap.question.state, swap.question.table, column.name, swap.old)
    return_old = [f"{alter} ADD COLUMN {old} {swap.old_type}", *rights, *swap.after.create(), _refill(swap)]
    if swap.indexes:
        forth += [_rename_index(swap, index, index.name.name, _old_index(index)) for index in swap.indexes]
        forth += [_rename_index(swap, index, twin_name(index), index.name.name) for index in swap.indexes]
        back += [_rename_index(swap, index, index.name.name, twin_name(index)) for index in swap.indexes]
        back += [_rename_index(swap, index, _old_index(index), index.name.name) for index in swap.indexes]
        names = {column.name: swap.old}
        return_old += [twin(index, names, _old_index(index)) for index in swap.indexes]
    gate = f"the application understands {column.name} as {swap.type}"
    last = f"nobody needs to go back to the old type of {column.name}"
    drop = (*swap.after.drop(), f"{alter} DROP COLUMN {old}")
    return [
        Part(
            PhaseKind.CONTRACT, f"exchange {column.name}", (*forth, *swap.after.create()), tuple(back), gate
        ),
        Part(PhaseKind.CONTRACT, f"drop {swap.old}", drop, tuple(return_old), last),
    ]


def _refill(swap: _Swap) -> str:
    """Fills the old column from the new one, on the way back."""
    table, value = swap.question.table.name, swap.down.format(value=quote(swap.column.name))
    old, new = quote(swap.old), quote(swap.column.name)
    missing = f"{old} IS NULL AND {new} IS NOT NULL"
    return f"-- lockgate: backfill\nUPDATE {table.sql} SET {old} = {value} WHERE {missing}"


def _old_index(index: Index) -> str:
    return derived_name(index.name.name, suffix="_old")


def _rename_index(swap: _Swap, index: Index, old: str, new: str) -> str:
    return f"ALTER INDEX {QualifiedName(index.name.schema, old).sql} RENAME TO {quote(new)}"


def _defaults_forth(swap: _Swap) -> list[str]:
    if swap.column.default is None:
        return []
    value, name = deparse_expression(swap.column.default), quote(swap.column.name)
    gone = f"{swap.alter} ALTER COLUMN {quote(swap.old)} DROP DEFAULT"
    moved = f"{swap.alter} ALTER COLUMN {name} SET DEFAULT ({value})::{swap.type}"
    return [gone] if swap.default != "NULL" else [gone, moved]


def _defaults_back(swap: _Swap) -> list[str]:
    if swap.column.default is None:
        return []
    value = deparse_expression(swap.column.default)
    returned = f"{swap.alter} ALTER COLUMN {quote(swap.old)} SET DEFAULT {value}"
    gone = f"{swap.alter} ALTER COLUMN {quote(swap.column.name)} DROP DEFAULT"
    return [returned] if swap.default != "NULL" else [returned, gone]


def _required_forth(swap: _Swap) -> list[str]:
    """NOT NULL goes from one to the other; the old one first, so that the new one gets its constraint's name."""
    if not swap.column.not_null:
        return []
    return [
        f"{swap.alter} ALTER COLUMN {quote(swap.old)} DROP NOT NULL",
        f"{swap.alter} ALTER COLUMN {quote(swap.column.name)} SET NOT NULL",
        f"{swap.alter} DROP CONSTRAINT {quote(_proof_name(swap))}",
    ]


def _relaxed_back(swap: _Swap) -> list[str]:
    if not swap.column.not_null:
        return []
    name = quote(swap.column.name)
    proof = f"{swap.alter} ADD CONSTRAINT {quote(_proof_name(swap))} CHECK ({name} IS NOT NULL)"
    return [proof, f"{swap.alter} ALTER COLUMN {name} DROP NOT NULL"]


def _proof_name(swap: _Swap) -> str:
    return generated_name(swap.question.table.name.name, swap.new, "not_null")


def _in_the_way(question: Question, column: Column) -> list[str]:
    """What depends on the column and cannot follow the exchange by itself."""
    table, name = question.table, column.name
    reasons = [
        f"{constraint.kind} {constraint.name}"
        for constraint in table.constraints
        if constraint.kind != "not null" and name in constraint.columns
    ]
    reasons += [
        f"{other}'s foreign key {key.name}"
        for other, key in question.state.referencing(table.name)
        if name in key.referenced_columns
    ]
    for policy in table.policies:
        if mentions_column(policy.using, name) or mentions_column(policy.check, name):
            reasons.append(f"policy {policy.name}")
    reasons += [
        f"generated column {c.name}"
        for c in table.columns
        if c.generated and mentions_column(c.default, name)
    ]
    reasons += [f"view {view}" for view in question.state.readers(table.name)]
    if column.identity:
        reasons.append("it is an identity column")
    return reasons


def _notes(swap: _Swap) -> tuple[str, ...]:
    name = swap.column.name
    notes = [f"values that {swap.type} cannot hold stop the backfill at their row, which is named"]
    fate = "is kept, and lost by going back" if swap.down.startswith("CASE") else "is refused"
    notes.append(f"until {swap.old} is dropped a value that {swap.old_type} cannot hold {fate}")
    if swap.column.not_null:
        notes.append(f"going back over the exchange of {name} reads the table once while nobody can use it")
    return tuple(notes)


STRATEGY = Strategy("change-type", ("AT_AlterColumnType",), plan, __doc__ or "", "change users.age to bigint")
