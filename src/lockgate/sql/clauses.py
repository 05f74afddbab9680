"""Where each command of an ALTER TABLE stands: the parser says it of none, but commas part them."""

from __future__ import annotations

import functools
import re

from lockgate.sql.lines import end_of_block, skip_gap
from lockgate.sql.parse import Statement
from lockgate.types import Position

_NAME = r'(?:"(?:[^"]|"")+"|[^\s".,;()*/-]+)'
_HEAD = re.compile(
    r"ALTER\s+(?:FOREIGN\s+TABLE|MATERIALIZED\s+VIEW|\w+)\s+(?:IF\s+EXISTS\s+)?(?:ONLY\s+)?"
    rf"{_NAME}(?:\s*\.\s*{_NAME})*\s*\*?",
    re.IGNORECASE,
)
_TOKEN = re.compile(
    r"(?<![\w$])[eE]'(?:[^'\\]|\\.|'')*'"
    r"|'(?:[^']|'')*'"
    r'|"(?:[^"]|"")*"'
    r"|(?<![\w$])\$(?P<tag>(?:[^\W\d]\w*)?)\$.*?\$(?P=tag)\$"
    r"|--[^\n]*|/\*|[()\[\],]",
    re.DOTALL,
)


def clause_of(statement: Statement, place: int) -> tuple[Position, Position] | None:
    """The first and last place of one command of ALTER TABLE, counted from 0; None where the text does not tell it."""
    sql = statement.sql
    commas = _commas(sql)
    if len(commas) + 1 != len(statement.tree.get("cmds", ())):
        return None
    begin = skip_gap(sql, commas[place - 1] + 1, len(sql)) if place else _first(sql)
    end = commas[place] if place < len(commas) else len(sql)
    return _position(statement, begin), _position(statement, max(begin, end - 1))


def _first(sql: str) -> int:
    """Where the first command begins; the beginning itself where comments stand in between."""
    head = _HEAD.match(sql)
    return skip_gap(sql, head.end(), len(sql)) if head else 0


@functools.lru_cache(maxsize=1)
def _commas(sql: str) -> tuple[int, ...]:
    """The commas that stand in no parenthesis, text or comment; one statement is asked about again and again."""
    found, depth, at = [], 0, 0
    while match := _TOKEN.search(sql, at):
        piece, at = match.group(), match.end()
        if piece == "/*":
            at = end_of_block(sql, match.start(), len(sql))
        elif piece in "([":
            depth += 1
        elif piece in ")]":
            depth -= 1
        elif piece == "," and depth == 0:
            found.append(match.start())
    return tuple(found)


def _position(statement: Statement, offset: int) -> Position:
    before = statement.sql[:offset]
    lines = before.count("\n")
    start = statement.start
    column = offset - before.rfind("\n") if lines else start.column + offset
    return Position(start.offset + offset, start.line + lines, column)
