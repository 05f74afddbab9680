"""Change a column's type without rewriting the table under a lock.

A second column of the new type is kept in step by a trigger, filled in chunks, and gets the indexes of the first while
reads and writes go on. Then the two change names in one short transaction. The old column stays, still in step, until
nobody needs to go back. A column that keys, other tables, views, policies, checks or generated columns depend on is
left to a person, with the reason.
"""

from __future__ import annotations

from dataclasses import dataclass

from lockgate.analysis.locks import forecast
from lockgate.analysis.rules.column_facts import mentions_column
from lockgate.analysis.state.names import generated_name, type_sql
from lockgate.analysis.view import Column, Index
from lockgate.planning.changes import NOTHING_BACK, Part
from lockgate.planning.plan import PhaseKind
from lockgate.planning.strategies.base import Answer, Question, Strategy
from lockgate.planning.sync import Mirror
from lockgate.sql.identifiers import QualifiedName, derived_name, quote
from lockgate.sql.parse import deparse_expression


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
    def up(self) -> str:
        using = self.question.command["def"]["ColumnDef"].get("raw_default")
        if using is None:
            return f"{{value}}::{self.type}"
        text = deparse_expression(using).replace("{", "{{").replace("}", "}}")
        return text.replace(quote(self.column.name), "{value}")

    def mirror(self, old: str, new: str, up: str, down: str) -> Mirror:
        return Mirror(self.question.table.name, old, new, up, down)


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
    column, old_type = swap.column, _old_type(swap)
    before = swap.mirror(column.name, swap.new, swap.up, f"{{value}}::{old_type}")
    indexes = [(index, _index_name(swap, index)) for index in _indexes(swap)]
    add = f"{swap.alter} ADD COLUMN {quote(swap.new)} {swap.type}"
    drop_new = f"{swap.alter} DROP COLUMN {quote(swap.new)}"
    parts = [
        Part(PhaseKind.EXPAND, f"add {swap.new}", (add, *before.create()), (*before.drop(), drop_new)),
        Part(PhaseKind.MIGRATE, f"fill {swap.new}", (before.backfill(),), (NOTHING_BACK,)),
    ]
    if indexes:
        schema = swap.question.table.name.schema
        build = tuple(_index_sql(swap, index, name) for index, name in indexes)
        undo = tuple(f"DROP INDEX CONCURRENTLY {QualifiedName(schema, name).sql}" for _, name in indexes)
        parts.append(Part(PhaseKind.MIGRATE, f"index {swap.new}", build, undo, one_by_one=True))
    if column.not_null:
        parts += _proof(swap)
    return [*parts, *_exchange(swap, old_type)]


def _proof(swap: _Swap) -> list[Part]:
    name = quote(_proof_name(swap))
    add = f"{swap.alter} ADD CONSTRAINT {name} CHECK ({quote(swap.new)} IS NOT NULL) NOT VALID"
    validate = f"{swap.alter} VALIDATE CONSTRAINT {name}"
    return [
        Part(PhaseKind.MIGRATE, f"require {swap.new}", (add,), (f"{swap.alter} DROP CONSTRAINT {name}",)),
        Part(PhaseKind.MIGRATE, f"validate {swap.new}", (validate,), (NOTHING_BACK,), one_by_one=True),
    ]


def _exchange(swap: _Swap, old_type: str) -> list[Part]:
    column, alter = swap.column, swap.alter
    before = swap.mirror(column.name, swap.new, swap.up, f"{{value}}::{old_type}")
    after = swap.mirror(swap.old, column.name, swap.up, f"{{value}}::{old_type}")
    forth = [*before.drop()]
    forth += [f"{alter} RENAME COLUMN {quote(column.name)} TO {quote(swap.old)}"]
    forth += [f"{alter} RENAME COLUMN {quote(swap.new)} TO {quote(column.name)}"]
    back = [*after.drop()]
    back += [f"{alter} RENAME COLUMN {quote(column.name)} TO {quote(swap.new)}"]
    back += [f"{alter} RENAME COLUMN {quote(swap.old)} TO {quote(column.name)}"]
    if column.default is not None:
        value = deparse_expression(column.default)
        forth += [f"{alter} ALTER COLUMN {quote(swap.old)} DROP DEFAULT"]
        forth += [f"{alter} ALTER COLUMN {quote(column.name)} SET DEFAULT ({value})::{swap.type}"]
        back += [f"{alter} ALTER COLUMN {quote(swap.new)} DROP DEFAULT"]
        back += [f"{alter} ALTER COLUMN {quote(column.name)} SET DEFAULT {value}"]
    if column.not_null:
        name = quote(_proof_name(swap))
        forth += [
            f"{alter} ALTER COLUMN {quote(column.name)} SET NOT NULL",
            f"{alter} DROP CONSTRAINT {name}",
        ]
        back += [f"{alter} ALTER COLUMN {quote(swap.new)} DROP NOT NULL"]
        back += [f"{alter} ADD CONSTRAINT {name} CHECK ({quote(swap.new)} IS NOT NULL)"]
        forth += [f"{alter} ALTER COLUMN {quote(swap.old)} DROP NOT NULL"]
        back += [f"{alter} ALTER COLUMN {quote(column.name)} SET NOT NULL"]
    forth += after.create()
    back += before.create()
    drop = (*after.drop(), f"{alter} DROP COLUMN {quote(swap.old)}")
    type_gate = f"the application understands {column.name} as {swap.type}"
    return [
        Part(PhaseKind.CONTRACT, f"exchange {column.name}", tuple(forth), tuple(back), gate=type_gate),
        Part(
            PhaseKind.CONTRACT,
            f"drop {swap.old}",
            drop,
            gate=f"nobody needs to go back to the old type of {column.name}",
        ),
    ]


def _indexes(swap: _Swap) -> list[Index]:
    name = swap.column.name
    return [
        index
        for index in swap.question.table.indexes
        if any(key.column == name for key in index.keys) or name in index.include
    ]


def _index_name(swap: _Swap, index: Index) -> str:
    return derived_name(index.name.name, suffix="_new")


def _index_sql(swap: _Swap, index: Index, name: str) -> str:
    def spelled(column: str) -> str:
        return quote(swap.new if column == swap.column.name else column)

    keys = ", ".join(spelled(key.column) for key in index.keys)
    include = f" INCLUDE ({', '.join(spelled(column) for column in index.include)})" if index.include else ""
    unique = "UNIQUE " if index.unique else ""
    table = swap.question.table.name.sql
    return (
        f"CREATE {unique}INDEX CONCURRENTLY {quote(name)} ON {table} USING {index.method} ({keys}){include}"
    )


def _proof_name(swap: _Swap) -> str:
    return generated_name(swap.question.table.name.name, swap.new, "not_null")


def _old_type(swap: _Swap) -> str:
    return type_sql(swap.column.type)


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
    for index in table.indexes:
        expressions = [key.expression for key in index.keys] + [index.predicate]
        if any(mentions_column(expression, name) for expression in expressions if expression is not None):
            reasons.append(f"index {index.name.name} uses it in an expression")
    return reasons


def _notes(swap: _Swap) -> tuple[str, ...]:
    loss = f"values that {swap.type} cannot hold stop the backfill at their row, which is named"
    names = [_index_name(swap, index) for index in _indexes(swap)]
    return (loss, f"afterwards the indexes are called {', '.join(names)}") if names else (loss,)


STRATEGY = Strategy("change-type", ("AT_AlterColumnType",), plan, __doc__ or "")
