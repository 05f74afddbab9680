"""Candidates for the columns of a component, and the solutions that the server accepts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Final

import psycopg

from lockgate.proving.rows import patterns
from lockgate.proving.rows.components import Component
from lockgate.proving.rows.hints import Hints, column_names, hints
from lockgate.proving.rows.judge import Pool, Row, acceptable, attempt
from lockgate.proving.rows.shape import ColumnShape, ForeignKey, TableShape, TypeShape, TypeUse
from lockgate.proving.rows.values import Values
from lockgate.sql.identifiers import literal, quote

Predicted = Mapping[tuple[int, tuple[str, ...]], tuple[Row, ...]]
"""Keys that rows of a table will have, by the table's oid and the columns, before they are inserted."""

_MOST_COMBINATIONS: Final = 20_000
_MOST_PER_COLUMN: Final = 90
_MOST_SOLUTIONS: Final = 64
_MOST_KEYS: Final = 24
_SAMPLES: Final = 24


@dataclass(slots=True)
class Solver:
    """Finds combinations of values for components; what the same question was answered before is remembered.

    ``absent`` are tables whose rows are not there yet: a foreign key to one is NULL or takes a predicted key.
    """

    connection: psycopg.Connection[Any]
    values: Values
    predicted: dict[tuple[int, tuple[str, ...]], tuple[Row, ...]] = field(default_factory=dict)
    _answers: dict[tuple[object, ...], list[Row]] = field(default_factory=dict)

    def solve(self, table: TableShape, component: Component, absent: frozenset[int]) -> list[Row]:
        """Values for a component, in the order of its columns; empty when none was found."""
        if any(key.target in absent for key in component.foreign_keys):
            return self._find(table, component, absent)
        question = _question(table, component)
        if question not in self._answers:
            self._answers[question] = self._find(table, component, absent)
        return self._answers[question]

    def _find(self, table: TableShape, component: Component, absent: frozenset[int]) -> list[Row]:
        found = hints(component.conditions)
        room = _room(component)
        pools = [_foreign_pool(table, key, self.predicted, absent) for key in component.foreign_keys]
        for name in component.loose:
            column = table.column(name)
            own = tuple(text for text in component.conditions if _only_reads(text, name, component))
            hint = found.get(name, Hints())
            pools.append(_loose_pool(self.connection, column, hint, self.values, own, room))
        rows = acceptable(self.connection, pools, component.conditions, table.name.name, _MOST_SOLUTIONS)
        names = list(dict.fromkeys(name for pool in pools for name in pool.columns))
        places = [names.index(name) for name in component.columns]
        return [tuple(row[place] for place in places) for row in rows]


def _question(table: TableShape, component: Component) -> tuple[object, ...]:
    """All that the answer depends on."""
    single = len(component.columns) == 1 and not component.conditions
    columns = tuple(
        (None if single else column.name, column.sql, column.use, column.not_null)
        for column in map(table.column, component.columns)
    )
    keys = tuple(
        (key.target, key.columns if not single else None, key.target_columns)
        for key in component.foreign_keys
    )
    return columns, component.conditions, keys


def learn_types(connection: psycopg.Connection[Any], values: Values, types: Sequence[TypeShape]) -> None:
    """Ask the server for values of types that only it can judge: domains with checks, and unknown base types."""
    for shape in types:
        if shape.oid in values.known:
            continue
        if shape.checks or (shape.base is not None and shape.base.oid in values.known):
            values.known[shape.oid] = _domain_values(connection, shape, values)
        elif shape.kind == "b" and not shape.element and (forms := values.guesses(shape)):
            values.known[shape.oid] = tuple(_readable(connection, shape, forms))


def _room(component: Component) -> int:
    """How many candidates each loose column may have, so that their product stays within bounds."""
    loose = len(component.loose)
    if not loose:
        return _MOST_PER_COLUMN
    share = _MOST_COMBINATIONS / max(1, _MOST_KEYS ** min(len(component.foreign_keys), 2))
    return max(2, min(_MOST_PER_COLUMN, int(share ** (1 / loose))))


def _only_reads(condition: str, name: str, component: Component) -> bool:
    return column_names(condition) & set(component.columns) == {name}


def _foreign_pool(table: TableShape, key: ForeignKey, predicted: Predicted, absent: frozenset[int]) -> Pool:
    columns = [table.column(name) for name in key.columns]
    types = tuple(column.sql for column in columns)
    nothing: Row = (None,) * len(columns)
    may_be_null = not any(column.not_null for column in columns)
    if key.target in absent:
        rows = predicted.get((key.target, key.target_columns), ())
        return Pool(key.columns, types, (*rows, nothing) if may_be_null else rows)
    typed, texts = (_keys_query(key, wanted, may_be_null) for wanted in (types, ("text",) * len(types)))
    return Pool(key.columns, types, query=typed, texts=texts)


def _keys_query(key: ForeignKey, types: tuple[str, ...], may_be_null: bool) -> str:
    pairs = list(zip(key.target_columns, key.columns, types, strict=True))
    chosen = ", ".join(f"p.{quote(there)}::{type_} AS {quote(here)}" for there, here, type_ in pairs)
    there = ", ".join(f"p.{quote(name)}" for name in key.target_columns)
    present = " AND ".join(f"p.{quote(name)} IS NOT NULL" for name in key.target_columns)
    source = f"{key.target_name.sql} AS p WHERE {present} ORDER BY md5(ROW({there})::text)"
    nulls = ", ".join(f"NULL::{type_}" for type_ in types)
    nothing = f" UNION ALL SELECT {nulls}" if may_be_null else ""
    return f"(SELECT {chosen} FROM {source} LIMIT {_MOST_KEYS}){nothing}"


def _loose_pool(
    connection: psycopg.Connection[Any],
    column: ColumnShape,
    hint: Hints,
    values: Values,
    conditions: tuple[str, ...],
    room: int,
) -> Pool:
    rows: list[Row] = [(text,) for text in islice(_candidates(column, hint, values), _MOST_PER_COLUMN)]
    whole = Pool((column.name,), (column.sql,), tuple(rows))
    # The column's own conditions first, so that what is combined with others is worth it.
    passed = rows
    if len(rows) > room or conditions:
        passed = acceptable(connection, [whole], conditions, "own", room)
    nothing: list[Row] = [] if column.not_null else [(None,)]
    return Pool(whole.columns, whole.types, (*nothing, *passed))


def _candidates(column: ColumnShape, hint: Hints, values: Values) -> Iterator[str]:
    """Without repetition, the most promising first."""
    seen: set[str] = set()
    for text in _promising(column.use, hint, values):
        if text not in seen:
            seen.add(text)
            yield text


def _promising(use: TypeUse, hint: Hints, values: Values) -> Iterator[str]:
    if use.oid in values.known:
        yield from values.known[use.oid]
        return
    for pattern in hint.patterns:
        yield from patterns.matching(pattern, _SAMPLES)
    for pattern in hint.likes:
        yield from patterns.liking(pattern, _SAMPLES)
    for length in hint.lengths[:9]:
        yield from values.sized(use, length)
    yield from islice(values.near(use, tuple(hint.constants)), _MOST_PER_COLUMN // 2)
    for number in range(_SAMPLES):
        for distinct in (False, True):
            text = values.plain(use, number, distinct=distinct)
            if text is not None:
                yield text
    yield from values.hostile(use)


def _domain_values(connection: psycopg.Connection[Any], shape: TypeShape, values: Values) -> tuple[str, ...]:
    base = shape.base or TypeUse(0)
    hint = Hints()
    for found in hints(shape.checks).values():
        hint.constants += found.constants
        hint.patterns += found.patterns
        hint.likes += found.likes
        hint.lengths += found.lengths
    texts = dict.fromkeys(_promising(base, hint, values))
    # The word VALUE in the check then means the column of that name.
    pool = Pool(("value",), (shape.base_sql,), tuple((text,) for text in texts))
    rows = acceptable(connection, [pool], shape.checks, "value_of_domain", _MOST_SOLUTIONS)
    return tuple(row[0] for row in rows if row[0] is not None)


def _readable(connection: psycopg.Connection[Any], shape: TypeShape, forms: Sequence[str]) -> Iterator[str]:
    for form in forms:
        with attempt(connection):
            connection.execute(f"SELECT {literal(form)}::text::{shape.sql}")
            yield form
