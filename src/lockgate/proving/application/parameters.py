"""Values to try a query with: of a row that is there, where the query says which column a parameter is about."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import psycopg

from lockgate.proving.application.query import Query
from lockgate.sql.identifiers import QualifiedName, quote
from lockgate.sql.parse import Node, parse_one, walk
from lockgate.sql.queries import read as read_query

_BY_TYPE: Final[Mapping[str, str]] = {
    "bool": "t",
    "uuid": "00000000-0000-4000-8000-000000030011",
    "json": "{}",
    "jsonb": "{}",
    "date": "2026-01-01",
    "time": "12:00",
    "timetz": "12:00+00",
    "interval": "1 hour",
    "bytea": "\\x00",
    "inet": "127.0.0.1",
    "cidr": "127.0.0.0/8",
    "tsvector": "a",
    "tsquery": "a",
    "xml": "<a/>",
}
_BY_CATEGORY: Final[Mapping[str, str]] = {
    "N": "30011",
    "S": "lockgate-30011",
    "A": "{}",
    "D": "2026-01-01 00:00:00+00",
    "R": "empty",
}


@dataclass(frozen=True, slots=True)
class _Use:
    """A parameter stands for a column: compared with it, or written to it."""

    parameter: int
    column: str
    tables: tuple[QualifiedName, ...]
    inserted: bool = False


@dataclass(slots=True)
class Values:
    """Finds values on one database and remembers them, so that a query is tried with the same ones every time."""

    actor: str | None = None
    _chosen: dict[Query, list[str | None]] = field(default_factory=dict)
    _named: Mapping[str, str] = field(default_factory=dict)

    def of(self, connection: psycopg.Connection[Any], query: Query, types: list[int]) -> list[str | None]:
        """A value for each parameter, as text; ``types`` are their oids."""
        if query not in self._chosen or len(self._chosen[query]) != len(types):
            self._chosen[query] = self._choose(connection, query, types)
        return self._chosen[query]

    def chosen(self, query: Query) -> list[str | None]:
        """The values that a query was tried with last."""
        return self._chosen.get(query, [])

    def forget(self, query: Query) -> None:
        """Choose anew the next time: the rows may have changed."""
        self._chosen.pop(query, None)
        self._named = {}

    def named(self, connection: psycopg.Connection[Any]) -> Mapping[str, str]:
        """The values of the actor by name, as text; none where it finds no row."""
        if not self._named:
            self._named = dict(self._look_for_actor(connection))
        return self._named

    def _look_for_actor(self, connection: psycopg.Connection[Any]) -> Iterator[tuple[str, str]]:
        if self.actor is None:
            return
        try:
            with connection.transaction():
                row = connection.execute(
                    f"SELECT row_to_json(x)::text FROM ({self.actor}) x LIMIT 1".encode()
                ).fetchone()
        except psycopg.Error:
            return
        if row is not None:
            yield from ((name, str(value)) for name, value in json.loads(row[0]).items() if value is not None)

    def _choose(
        self, connection: psycopg.Connection[Any], query: Query, types: list[int]
    ) -> list[str | None]:
        values = [_of_type(connection, oid) for oid in types]
        for use in _uses(query.sql):
            found = _of_column(connection, use) if use.parameter <= len(values) else None
            if found is not None:
                values[use.parameter - 1] = found
        named = self.named(connection)
        for number, name in enumerate(query.parameters[: len(values)]):
            values[number] = named.get(name, values[number])
        return values


def _of_type(connection: psycopg.Connection[Any], oid: int) -> str | None:
    row = connection.execute(read_query("lockgate.proving", "sample_type"), {"oid": oid}).fetchone()
    if row is None:
        return None
    name, category, label = row
    return label or _BY_TYPE.get(name) or _BY_CATEGORY.get(category)


def _of_column(connection: psycopg.Connection[Any], use: _Use) -> str | None:
    for table in use.tables:
        try:
            with connection.transaction():
                if use.inserted and _is_unique(connection, table, use.column):
                    return None
                row = connection.execute(_first_value(table, use.column)).fetchone()
        except psycopg.Error:
            continue
        if row is not None:
            return str(row[0])
    return None


def _first_value(table: QualifiedName, column: str) -> bytes:
    name = quote(column)
    return f"SELECT {name}::text FROM {table.sql} WHERE {name} IS NOT NULL LIMIT 1".encode()


def _is_unique(connection: psycopg.Connection[Any], table: QualifiedName, column: str) -> bool:
    query = read_query("lockgate.proving", "unique_column")
    return connection.execute(query, {"table": table.sql, "column": column}).fetchone() is not None


def _uses(sql: str) -> Iterator[_Use]:
    """What the parameters of a statement stand for, as far as it says so in plain words."""
    tree = parse_one(sql).node
    tables = tuple(dict.fromkeys(tables_in(tree)))
    for kind, node in walk(tree):
        if kind == "A_Expr":
            yield from _compared(node, tables)
        elif kind == "InsertStmt":
            yield from _inserted(node)
        elif kind == "UpdateStmt":
            yield from _updated(node)


def tables_in(tree: Node) -> Iterator[QualifiedName]:
    """The relations that a statement names, those of its own WITH included."""
    for kind, node in walk(tree):
        if kind == "RangeVar" or (kind in ("InsertStmt", "UpdateStmt", "DeleteStmt") and "relation" in node):
            found = node if kind == "RangeVar" else node["relation"]
            yield QualifiedName(found.get("schemaname", ""), found["relname"])


def _compared(node: Node, tables: tuple[QualifiedName, ...]) -> Iterator[_Use]:
    sides = (node.get("lexpr", {}), node.get("rexpr", {}))
    for one, other in (sides, sides[::-1]):
        column, number = _column(one), _parameter(other)
        if column and number:
            yield _Use(number, column, tables)


def _inserted(node: Node) -> Iterator[_Use]:
    table = QualifiedName(node["relation"].get("schemaname", ""), node["relation"]["relname"])
    columns = [item["ResTarget"].get("name", "") for item in node.get("cols", ())]
    rows = node.get("selectStmt", {}).get("SelectStmt", {}).get("valuesLists", ())
    for row in rows:
        for column, value in zip(columns, row["List"]["items"], strict=False):
            if number := _parameter(value):
                yield _Use(number, column, (table,), inserted=True)


def _updated(node: Node) -> Iterator[_Use]:
    table = QualifiedName(node["relation"].get("schemaname", ""), node["relation"]["relname"])
    for item in node.get("targetList", ()):
        if number := _parameter(item["ResTarget"].get("val", {})):
            yield _Use(number, item["ResTarget"].get("name", ""), (table,), inserted=True)


def _column(node: Any) -> str:
    fields = node.get("ColumnRef", {}).get("fields", []) if isinstance(node, dict) else []
    return str(fields[-1].get("String", {}).get("sval", "")) if fields else ""


def _parameter(node: Any) -> int:
    if isinstance(node, dict) and "TypeCast" in node:
        node = node["TypeCast"].get("arg", {})
    return int(node.get("ParamRef", {}).get("number", 0)) if isinstance(node, dict) else 0
