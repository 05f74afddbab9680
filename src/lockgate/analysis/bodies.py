"""The static statements in DO blocks and in function bodies; what is put together at run time is named as opaque."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator

from lockgate.analysis.blocks import parse_block
from lockgate.analysis.folding import Constants
from lockgate.analysis.state import names
from lockgate.errors import SqlSyntaxError
from lockgate.sql.parse import Node, Statement, parse, parse_one, walk
from lockgate.types import Position
from lockgate.values import replace, value


@value(frozen=True, slots=True)
class Opaque:
    """A piece of SQL that is known only at run time: its place and the expression that makes it."""

    position: Position
    expression: str


@value(frozen=True, slots=True)
class Body:
    """What a block or a function body runs; ``failure`` says why it could not be read.

    ``commits`` means that it ends its transaction somewhere, so that what runs later holds none of the earlier locks.
    """

    statements: tuple[Statement, ...] = ()
    opaque: tuple[Opaque, ...] = ()
    failure: str = ""
    language: str = ""
    commits: bool = False


_STATIC = {
    "PLpgSQL_stmt_execsql": "sqlstmt",
    "PLpgSQL_stmt_perform": "expr",
    "PLpgSQL_stmt_call": "expr",
    "PLpgSQL_stmt_fors": "query",
    "PLpgSQL_stmt_open": "query",
    "PLpgSQL_stmt_return_query": "query",
}
ENDS_TRANSACTION = frozenset({"PLpgSQL_stmt_commit", "PLpgSQL_stmt_rollback"})
"""The statements of PL/pgSQL after which another transaction begins."""

DYNAMIC = {
    "PLpgSQL_stmt_dynexecute": "query",
    "PLpgSQL_stmt_dynfors": "query",
    "PLpgSQL_stmt_open": "dynquery",
    "PLpgSQL_stmt_return_query": "dynquery",
}
"""The statements of PL/pgSQL that run a text, and under which key its expression stands."""


_ATOMIC = re.compile(r"\bBEGIN\s+ATOMIC\b", re.IGNORECASE)
_RETURN = re.compile(r"RETURN\b", re.IGNORECASE)
_RETURN_ANYWHERE = re.compile(r"\bRETURN\b", re.IGNORECASE)


def body_of(statement: Statement) -> Body | None:
    """The body of a DO or CREATE FUNCTION statement; None for every other statement and for other languages."""
    if statement.kind not in ("DoStmt", "CreateFunctionStmt"):
        return None
    key = "args" if statement.kind == "DoStmt" else "options"
    language, source = _language_and_source(statement.tree.get(key, []))
    if statement.kind == "DoStmt":
        language = language or "plpgsql"
    if "sql_body" in statement.tree:
        return _sql_body(statement, _standard(statement.sql))
    if language == "sql" and source:
        return _sql_body(statement, source)
    if language == "plpgsql":
        return _plpgsql_body(statement, source)
    return None


def _language_and_source(items: list[Node]) -> tuple[str, str]:
    language = source = ""
    for item in items:
        element = item["DefElem"]
        value = element.get("arg", {})
        if element["defname"] == "language":
            language = names.text(value).lower()
        elif element["defname"] == "as":
            source = names.text(value["List"]["items"][-1]) if "List" in value else names.text(value)
    return language, source


@functools.lru_cache(maxsize=256)
def statements_of(source: str) -> tuple[Statement, ...]:
    """The statements of the body of an SQL function, which the locks and the rules both ask for."""
    return parse(source).statements


def _sql_body(statement: Statement, source: str) -> Body:
    place = _Place(statement, source)
    found, failure = [], ""
    for inner in statements_of(source):
        if inner.failure and not _RETURN.match(inner.sql):
            failure = inner.failure.message
        else:
            read = parse_one(_RETURN.sub("SELECT", inner.sql)) if inner.failure else inner
            found.append(place.moved(read, inner.start.offset))
    return Body(tuple(found), failure=failure, language="sql")


def _standard(sql: str) -> str:
    """What stands in the body of the SQL standard's form: between BEGIN ATOMIC and END, or RETURN with its expression.

    The statement has been parsed, so that it ends with its body.
    """
    block = _ATOMIC.search(sql)
    if block is not None:
        return sql[block.end() : sql.upper().rindex("END")]
    single = _RETURN_ANYWHERE.search(sql)
    return sql[single.start() :] if single is not None else ""


def _plpgsql_body(statement: Statement, source: str) -> Body:
    try:
        tree = parse_block(statement.kind, statement.sql, statement.tree)
    except SqlSyntaxError as error:
        return Body(failure=str(error), language="plpgsql")
    place = _Place(statement, source)
    constants = Constants.of(tree)
    found: list[Statement] = []
    opaque: list[Opaque] = []
    commits = False
    for kind, node in walk(tree):
        commits = commits or kind in ENDS_TRANSACTION
        if kind in _STATIC and _STATIC[kind] in node:
            found += place.parsed(_query(node[_STATIC[kind]]), node)
        if kind in DYNAMIC and DYNAMIC[kind] in node:
            expression = _query(node[DYNAMIC[kind]])
            texts = constants.fold(expression)
            if texts is None:
                opaque.append(Opaque(place.line(node), expression))
            else:
                found += (inner for text in texts for inner in place.parsed(text, node))
    return Body(tuple(found), tuple(opaque), language="plpgsql", commits=commits)


def _query(node: Node) -> str:
    text: str = node["PLpgSQL_expr"]["query"]
    return text


class _Place:
    """Where the text of a body stands in the file, so that its statements get the file's lines."""

    def __init__(self, statement: Statement, source: str) -> None:
        self._outer = statement
        self._body_at = max(statement.sql.find(source), 0) if source else 0
        self._exact = bool(source) and source in statement.sql
        self._cursor = self._body_at

    def parsed(self, sql: str, node: Node) -> Iterator[Statement]:
        for inner in parse(sql).statements:
            if inner.failure:
                continue
            at = self._outer.sql.find(inner.sql, self._cursor) if self._exact else -1
            if at < 0:
                start = self.line(node)
                yield replace(inner, index=self._outer.index, start=start, end=start, comments=())
            else:
                self._cursor = at
                yield self.moved(inner, at - self._body_at)

    def moved(self, inner: Statement, offset: int) -> Statement:
        """A statement ``offset`` characters behind the beginning of the body, put where it stands in the file."""
        at = self._body_at + offset
        return replace(
            inner,
            index=self._outer.index,
            start=self._position(at),
            end=self._position(at + len(inner.sql)),
            comments=(),
        )

    def line(self, node: Node) -> Position:
        """Where the line begins that PL/pgSQL reports, behind what it is indented by."""
        sql, at = self._outer.sql, self._body_at
        for _ in range(node.get("lineno", 1) - 1):
            at = sql.find("\n", at) + 1
        return self._position(at + len(sql[at:]) - len(sql[at:].lstrip()))

    def _position(self, at: int) -> Position:
        sql, start = self._outer.sql, self._outer.start
        lines = sql.count("\n", 0, at)
        column = at - sql.rfind("\n", 0, at) if lines else start.column + at
        return Position(start.offset + at, start.line + lines, column)
