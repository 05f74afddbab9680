"""Columns: what is known about NULLs."""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.locks.expressions import columns_in, proves_not_null
from lockgate.analysis.rules.base import Context
from lockgate.analysis.state.catalog import Birth
from lockgate.analysis.view import Column, Constraint, Relation, TypeRef
from lockgate.sql.parse import Node


def is_not_null(table: Relation, column: str) -> bool:
    """Whether a column is known to be NOT NULL."""
    found = table.column(column)
    return found is not None and found.not_null


def is_proved_not_null(table: Relation, column: str) -> bool:
    """Whether the server knows without looking that a column holds no NULL: NOT NULL, or a valid CHECK says so."""
    return is_not_null(table, column) or proves_not_null(table.constraints, column)


def mentions_column(expression: Node | None, column: str) -> bool:
    """Whether an expression names a column."""
    return expression is not None and column in columns_in(expression)


def is_not_null_check(constraint: Constraint) -> bool:
    """Whether a constraint is ``CHECK (column IS NOT NULL)``."""
    test = (constraint.expression or {}).get("NullTest", {})
    return bool(test.get("nulltesttype") == "IS_NOT_NULL" and "ColumnRef" in test.get("arg", {}))


def made_tables(context: Context) -> Iterator[tuple[Relation, Birth]]:
    """The tables that this file made and that are still there, temporary ones apart."""
    for (name,) in context.state.made("relation"):
        relation = context.state.relation(name.schema, name.name)
        birth = context.state.birth("relation", name)
        if relation is None or birth is None or relation.persistence == "temporary":
            continue
        if relation.kind in ("table", "partitioned table"):
            yield relation, birth


def made_columns(context: Context) -> Iterator[tuple[Relation, Column, Birth]]:
    """The columns that this file added, to new tables and to old ones; those of partitions come from the parent."""
    new = {table.name for table, _ in made_tables(context)}
    for table, birth in made_tables(context):
        for column in table.columns:
            if not column.inherited:
                yield table, column, context.state.birth("column", table.name, column.name) or birth
    for name, column_name in context.state.made("column"):
        found = context.state.known(name).column(column_name)
        birth_of = context.state.birth("column", name, column_name)
        if name not in new and found is not None and birth_of is not None and not found.inherited:
            yield context.state.known(name), found, birth_of


_DIGITS = {"int2": 2, "int4": 4, "int8": 8}
_TEXTS = frozenset({"text", "varchar", "bpchar"})
_PARTS = {
    ("timestamptz", "date"): "the time of day is cut off",
    ("timestamp", "date"): "the time of day is cut off",
    ("timestamptz", "timestamp"): "the time zone is forgotten",
    ("timestamptz", "time"): "the date is cut off",
    ("timestamp", "time"): "the date is cut off",
    ("float8", "float4"): "digits are rounded away",
    ("jsonb", "json"): "values can no longer be compared",
}
_EXACT = frozenset({"numeric", "float8", "float4"})


_WITH_FRACTION = frozenset({"timestamp", "timestamptz", "time", "timetz"})
_MOST_DIGITS = 6
_PARSED = frozenset(
    {*_DIGITS, *_EXACT, "bool", "uuid", "date", "timestamp", "timestamptz", "time", "json", "jsonb", "inet"}
)
"""Types that not every text can be read as."""


def loss(old: TypeRef, new: TypeRef) -> str:
    """What a change of type can lose, in words; empty when nothing, or when that cannot be told."""
    was, becomes = old.name.name, new.name.name
    if old.array or new.array:
        return ""
    if was in _DIGITS and becomes in _DIGITS:
        return "larger numbers stop the migration" if _DIGITS[becomes] < _DIGITS[was] else ""
    if was in _EXACT and becomes in _DIGITS:
        return "fractions are rounded away"
    if was in _TEXTS and becomes in ("varchar", "bpchar") and new.modifiers:
        shorter = was == "text" or not old.modifiers or new.modifiers[0] < old.modifiers[0]
        return "longer values stop the migration" if shorter else ""
    if was == becomes == "numeric":
        return _numeric_loss(old.modifiers, new.modifiers)
    if was == becomes and was in _WITH_FRACTION and new.modifiers:
        finer = not old.modifiers or old.modifiers[0] > new.modifiers[0]
        return "fractions of a second are rounded away" if finer and new.modifiers[0] < _MOST_DIGITS else ""
    if was in _TEXTS and becomes in _PARSED:
        return f"a text that is no {becomes} stops the migration"
    return _PARTS.get((was, becomes), "")


def _numeric_loss(old: tuple[int, ...], new: tuple[int, ...]) -> str:
    if not new:
        return ""
    scale = new[1] if len(new) > 1 else 0
    if not old or (old[1] if len(old) > 1 else 0) > scale:
        return "fractions are rounded away"
    whole = old[0] - (old[1] if len(old) > 1 else 0)
    return "larger numbers stop the migration" if new[0] - scale < whole else ""


_ALIGNED = {
    **dict.fromkeys(("int8", "float8", "timestamptz", "timestamp", "time", "money"), 8),
    **dict.fromkeys(("int4", "float4", "date", "oid"), 4),
    "int2": 2,
    "bool": 1,
}


def padding(types: list[TypeRef]) -> int:
    """The bytes that are lost in each row between columns of a fixed width, as they stand."""
    at = wasted = 0
    for ref in types:
        width = 0 if ref.array else _ALIGNED.get(ref.name.name, 0)
        if ref.name.name == "uuid":
            at += 16
        if not width:
            continue
        gap = -at % width
        wasted += gap
        at += gap + width
    return wasted
