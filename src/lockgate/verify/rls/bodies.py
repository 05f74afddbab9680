"""What is inside a function: the statements and expressions of a body in SQL or PL/pgSQL."""

from __future__ import annotations

import functools
from collections.abc import Iterator

from lockgate.analysis.bodies import DYNAMIC
from lockgate.analysis.folding import Constants
from lockgate.errors import SqlSyntaxError
from lockgate.sql.parse import Node, parse, parse_expression, parse_plpgsql, walk


@functools.lru_cache(maxsize=4096)
def bodies(language: str, body: str) -> tuple[Node, ...]:
    """The statements and expressions of a function's body."""
    try:
        if language == "sql":
            return tuple(_sql_body(body))
        if language == "plpgsql":
            return tuple(_plpgsql_body(body))
    except SqlSyntaxError:
        return ()
    return ()


def _sql_body(body: str) -> Iterator[Node]:
    text = body.strip()
    if text.upper().startswith("RETURN "):
        yield parse_expression(text[7:].rstrip(";"))
        return
    if text.upper().startswith("BEGIN ATOMIC"):
        text = text[len("BEGIN ATOMIC") :].rstrip().removesuffix("END")
    for statement in parse(text).statements:
        if statement.failure is None:
            yield statement.node


def _plpgsql_body(body: str) -> Iterator[Node]:
    try:
        tree = _plpgsql_tree(body, "text")
    except SqlSyntaxError:
        tree = _plpgsql_tree(body, "SETOF record")
    constants = Constants.of(tree)
    for kind, inner in walk(tree):
        if kind == "PLpgSQL_expr":
            yield from _plpgsql_expression(inner.get("query", ""))
        if kind in DYNAMIC and DYNAMIC[kind] in inner:
            for text in constants.fold(inner[DYNAMIC[kind]]["PLpgSQL_expr"]["query"]) or ():
                yield from _plpgsql_expression(text)


def _plpgsql_tree(body: str, returned: str) -> list[Node]:
    mark = "$lockgate_body$"
    return parse_plpgsql(f"CREATE FUNCTION f() RETURNS {returned} LANGUAGE plpgsql AS {mark}{body}{mark}")


def _plpgsql_expression(query: str) -> Iterator[Node]:
    try:
        yield parse_expression(query)
    except SqlSyntaxError:
        for statement in parse(query).statements:
            if statement.failure is None:
                yield statement.node
