"""The server as judge: which of some candidates fulfil conditions, asked in one query where that is possible."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Final

import psycopg

from lockgate.proving.rows.families.base import scatter
from lockgate.proving.rows.hints import column_names
from lockgate.sql.identifiers import literal, quote

Row = tuple[str | None, ...]

_MOST_TRIALS: Final = 240
"""How many candidates are tried one by one when the query over all of them fails."""


@dataclass(frozen=True, slots=True)
class Pool:
    """Candidates for some columns: a list of rows in text form, or a query that yields them.

    ``texts`` yields the same as texts: the query fails when a single one of them does not fit its type here.
    """

    columns: tuple[str, ...]
    types: tuple[str, ...]
    rows: tuple[Row, ...] = ()
    query: str | None = None
    texts: str | None = None

    def sql(self) -> str:
        """The pool as a query with typed columns."""
        if self.query is not None:
            return self.query
        listed = ", ".join(f"({', '.join(literal(value) for value in row)})" for row in self.rows)
        raw = ", ".join(f"v{place}" for place in range(len(self.columns)))
        typed = ", ".join(
            f"v{place}::text::{type_} AS {quote(name)}"
            for place, (name, type_) in enumerate(zip(self.columns, self.types, strict=True))
        )
        return f"SELECT {typed} FROM (VALUES {listed}) AS candidates ({raw})"


class attempt:  # noqa: N801 - used like a statement: with attempt(connection)
    """Try something in a savepoint: when the server refuses it, ``error`` says why and the transaction lives on."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._savepoint = connection.transaction()
        self.error: psycopg.Error | None = None

    def __enter__(self) -> attempt:
        self._savepoint.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        self._savepoint.__exit__(kind, error, trace)
        if not isinstance(error, psycopg.Error):
            return False
        self.error = error
        return True


def acceptable(
    connection: psycopg.Connection[Any],
    pools: Sequence[Pool],
    conditions: Sequence[str],
    alias: str,
    limit: int,
) -> list[Row]:
    """Combinations of candidates that no condition makes false, in an order that mixes them; at most ``limit``.

    Pools that share a column are joined on it. ``alias`` is the name by which a condition may mean the whole row.
    """
    if any(pool.query is None and not pool.rows for pool in pools):
        return []
    with attempt(connection):
        return _ask(connection, pools, conditions, alias, limit)
    sifted = [Pool(pool.columns, pool.types, _sift(connection, pool, conditions, alias)) for pool in pools]
    if len(pools) == 1:
        return list(sifted[0].rows[:limit])
    with attempt(connection):
        return _ask(connection, sifted, conditions, alias, limit)
    return list(itertools.islice(_one_by_one(connection, sifted, conditions, alias), limit))


def _ask(
    connection: psycopg.Connection[Any],
    pools: Sequence[Pool],
    conditions: Sequence[str],
    alias: str,
    limit: int,
) -> list[Row]:
    # Without parameters: a condition may hold a percent sign, which would then have a meaning.
    cursor = connection.execute(_query(pools, conditions, alias, limit))
    return cursor.fetchall()


def _query(pools: Sequence[Pool], conditions: Sequence[str], alias: str, limit: int) -> str:
    first: dict[str, str] = {}
    joins: list[str] = []
    for number, pool in enumerate(pools):
        for name in pool.columns:
            place = f"s{number}.{quote(name)}"
            if name in first:
                joins.append(f"{place} IS NOT DISTINCT FROM {first[name]}")
            first.setdefault(name, place)
    sources = ", ".join(f"({pool.sql()}) AS s{number}" for number, pool in enumerate(pools))
    inner = f"SELECT {', '.join(first.values())} FROM {sources}"
    if joins:
        inner += " WHERE " + " AND ".join(joins)
    texts = ", ".join(f"{quote(alias)}.{quote(name)}::text" for name in first)
    where = " AND ".join(f"({condition}) IS NOT FALSE" for condition in conditions) or "true"
    chosen = f"SELECT DISTINCT {texts} FROM ({inner}) AS {quote(alias)} WHERE {where}"
    return f"SELECT * FROM ({chosen}) AS chosen ORDER BY md5(chosen::text), chosen::text LIMIT {limit}"


def _sift(
    connection: psycopg.Connection[Any], pool: Pool, conditions: Sequence[str], alias: str
) -> tuple[Row, ...]:
    """The rows of a pool that can be read and fulfil the conditions on this pool alone, each tried by itself."""
    own = [text for text in conditions if column_names(text) <= set(pool.columns)]
    passed: list[Row] = []
    for row in _rows(connection, pool):
        with attempt(connection):
            passed += _ask(connection, [Pool(pool.columns, pool.types, (row,))], own, alias, 1)
    return tuple(passed)


def _rows(connection: psycopg.Connection[Any], pool: Pool) -> Sequence[Row]:
    if pool.texts is None:
        return pool.rows
    return connection.execute(pool.texts).fetchall()


def _one_by_one(
    connection: psycopg.Connection[Any], pools: Sequence[Pool], conditions: Sequence[str], alias: str
) -> Iterator[Row]:
    if not all(pool.rows for pool in pools):
        return
    for trial in range(_MOST_TRIALS):
        picked = [
            Pool(pool.columns, pool.types, (pool.rows[scatter(trial, place) % len(pool.rows)],))
            for place, pool in enumerate(pools)
        ]
        with attempt(connection):
            yield from _ask(connection, picked, conditions, alias, 1)
