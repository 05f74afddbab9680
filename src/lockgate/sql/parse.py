"""The one port to the PostgreSQL parser: texts become scripts of statements, trees become text again.

A tree is the parser's own JSON form: ``{"AlterTableStmt": {"relation": {"relname": "users"}, …}}``. Fields that are
zero, false or empty are absent, as in the wire form. The grammar is PostgreSQL 18's.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from dataclasses import field
from typing import Any

from lockgate.errors import SqlSyntaxError
from lockgate.sql import native, psql, repeats
from lockgate.sql.lines import ByteIndex, Comment, LineIndex, comments_in, skip_gap
from lockgate.types import Position
from lockgate.values import value

Node = dict[str, Any]
"""One parse-tree node; a statement's ``tree`` is the inside of its outermost node."""


@value(frozen=True, slots=True)
class ParseFailure:
    """Why a statement could not be parsed, and where (in the whole text)."""

    message: str
    position: Position


@value(frozen=True, slots=True)
class Statement:
    """One statement of a script.

    ``sql`` is its exact text without the blanks and comments around it and without the semicolon. ``kind`` is the
    parser's node name (``AlterTableStmt``), or ``"Unparsed"`` when ``failure`` is set. ``start`` and ``end`` are its
    first and last place; ``index`` counts from 0. ``comments`` are those between the statement before and this one,
    and on the line where this one ends.
    """

    index: int
    sql: str
    kind: str
    tree: Node = field(repr=False, compare=False)
    start: Position
    end: Position
    comments: tuple[Comment, ...] = ()
    failure: ParseFailure | None = None

    @property
    def repeats(self) -> bool:
        """Whether it is known to differ from the two statements before it in nothing but plain constants."""
        return False

    @property
    def line(self) -> int:
        """The line where the statement begins, counted from 1."""
        return self.start.line

    @property
    def node(self) -> Node:
        """The outermost node again, ``{kind: tree}``, as deparse takes it."""
        return {self.kind: self.tree}


class Repeat(Statement):
    """A statement like the two before it; its tree is made when somebody asks for it, for there may be very many."""

    __slots__ = ("_byte",)
    _byte: int

    @classmethod
    def at(cls, byte: int, *parts: Any) -> Repeat:
        """One that begins at a byte of its text; ``parts`` are those of a statement."""
        made = cls(*parts)
        object.__setattr__(made, "_byte", byte)
        object.__delattr__(made, "tree")
        return made

    @property
    def repeats(self) -> bool:
        """Whether it is known to differ from the two statements before it in nothing but plain constants."""
        return True

    def __getattr__(self, name: str) -> Node:
        if name != "tree":
            raise AttributeError(name)
        # One blank in front, or a place at the very beginning would be left out as zero.
        (entry,) = native.parse_json(b" " + self.sql.encode("utf-8"))
        tree: Node = entry["stmt"][self.kind]
        _move(tree, self._byte - 1)
        object.__setattr__(self, "tree", tree)
        return tree


@value(frozen=True, slots=True)
class Script:
    """A text and its statements, in order."""

    text: str = field(repr=False)
    statements: tuple[Statement, ...]
    comments: tuple[Comment, ...] = field(repr=False)

    @property
    def failures(self) -> tuple[Statement, ...]:
        """The statements that could not be parsed."""
        return tuple(statement for statement in self.statements if statement.failure)

    def position(self, offset: int) -> Position:
        """Line and column of a character offset in the text."""
        return LineIndex(self.text).position(offset)


def parse(text: str) -> Script:
    """Parse a whole text; a statement that cannot be parsed is reported in its place and does not stop the rest.

    Raises SqlSyntaxError for a NUL byte, behind which the parser would not see anything.
    """
    nul = text.find("\0")
    if nul >= 0:
        raise SqlSyntaxError("a NUL byte hides all that follows it", offset=nul)
    masked, foreign = psql.mask(text)
    encoded = masked.encode("utf-8")
    try:
        raw = _parse_whole(encoded)
    except native.ParserError:
        raw = _parse_one_by_one(encoded)
    return _build(text, masked, encoded, raw, foreign)


def parse_one(sql: str) -> Statement:
    """Parse exactly one statement; raises SqlSyntaxError when it is not one or not SQL."""
    script = parse(sql)
    if len(script.statements) != 1:
        raise SqlSyntaxError(f"expected one statement, found {len(script.statements)}")
    statement = script.statements[0]
    if statement.failure:
        raise SqlSyntaxError(statement.failure.message, offset=statement.failure.position.offset)
    return statement


def parse_expression(sql: str) -> Node:
    """The tree of one expression; raises SqlSyntaxError."""
    tree = parse_one(f"SELECT {sql}").tree
    targets = tree.get("targetList", [])
    if len(targets) != 1 or set(tree) - {"targetList", "limitOption", "op"}:
        raise SqlSyntaxError("expected one expression")
    value: Node = targets[0]["ResTarget"]["val"]
    return value


def parse_plpgsql(create_function: str) -> list[Node]:
    """The bodies of a ``CREATE FUNCTION … LANGUAGE plpgsql`` or of a DO block; raises SqlSyntaxError."""
    try:
        return native.parse_plpgsql_json(create_function.encode("utf-8"))
    except native.ParserError as error:
        raise SqlSyntaxError(error.message) from error


def deparse(node: Node) -> str:
    """SQL text of one statement node (``{"AlterTableStmt": …}``); raises SqlSyntaxError."""
    try:
        return native.deparse_statements([{"stmt": node}])
    except native.ParserError as error:
        raise SqlSyntaxError(error.message) from error


def deparse_expression(node: Node) -> str:
    """SQL text of one expression node; raises SqlSyntaxError."""
    select = {
        "SelectStmt": {
            "targetList": [{"ResTarget": {"val": node}}],
            "limitOption": "LIMIT_OPTION_DEFAULT",
            "op": "SETOP_NONE",
        }
    }
    return deparse(select).removeprefix("SELECT ")


def walk(node: Any) -> Iterator[tuple[str, Node]]:
    """Every typed node below, depth first and in order, as (kind, inside)."""
    if isinstance(node, dict):
        for key, value in node.items():
            if isinstance(value, dict) and key[:1].isupper():
                yield key, value
            yield from walk(value)
    elif isinstance(node, list):
        for item in node:
            yield from walk(item)


_LOCATIONS = frozenset(
    {
        "location",
        "stmt_location",
        "stmt_len",
        "list_start",
        "list_end",
        "name_location",
        "rexpr_list_start",
        "rexpr_list_end",
    }
)


def _move(node: Any, by: int) -> None:
    """Put every known source position so many bytes further on."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key in _LOCATIONS and value > 0:
                node[key] = value + by
            else:
                _move(value, by)
    elif isinstance(node, list):
        for item in node:
            _move(item, by)


def without_locations(node: Any) -> Any:
    """The same tree without source positions, so that equal statements compare equal however they are laid out."""
    if isinstance(node, dict):
        # Most values are plain ones: a call for each of them would take twice as long as all the rest.
        return {
            key: without_locations(value) if type(value) in (dict, list) else value
            for key, value in node.items()
            if key not in _LOCATIONS
        }
    if isinstance(node, list):
        return [without_locations(item) for item in node]
    return node


@value(frozen=True, slots=True)
class _Raw:
    start_byte: int
    end_byte: int
    node: Node
    error: native.ParserError | None = None


def _parse_whole(encoded: bytes) -> list[dict[str, Any]]:
    """The statements of a text that parses; those that only repeat the ones before them are not parsed."""
    ranges = repeats.repeats_in(encoded)
    found = native.parse_json(repeats.without(encoded, ranges) if ranges else encoded)
    return found + [
        {"repeats": True, "stmt_location": start, "stmt_len": end - start} for start, end in ranges
    ]


def _parse_one_by_one(encoded: bytes) -> list[dict[str, Any]]:
    return [entry for start, end in _pieces(encoded) for entry in _parse_piece(encoded, start, end)]


def _parse_piece(encoded: bytes, start: int, end: int) -> list[dict[str, Any]]:
    try:
        entries = native.parse_json(encoded[start:end])
    except native.ParserError as error:
        return [{"error": error, "stmt_location": start, "stmt_len": end - start}]
    for entry in entries:
        entry["stmt_location"] = entry.get("stmt_location", 0) + start
        entry.setdefault("stmt_len", end - entry["stmt_location"])
    return entries


def _pieces(encoded: bytes) -> Iterator[tuple[int, int]]:
    """Byte ranges of statements; what the scanner fails on, or passes over, is cut at its semicolons instead."""
    try:
        found = [(start, start + length) for start, length in native.split_bytes(encoded)]
    except native.ParserError:
        found = []
    at = 0
    for start, end in [*found, (len(encoded), len(encoded))]:
        yield from _cut_at_semicolons(encoded, at, start)
        if start < end:
            yield start, end
        at = end


_QUOTED = re.compile(
    rb"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|\$([A-Za-z_\x80-\xff][\w\x80-\xff]*)?\$.*?\$\1\$|--[^\n]*"
    # Without the end of the text every mark of a comment that never ends would be followed through all of it.
    rb"|/\*.*?(?:\*/|\Z)|;",
    re.DOTALL,
)


def _cut_at_semicolons(encoded: bytes, start: int, end: int) -> Iterator[tuple[int, int]]:
    for match in _QUOTED.finditer(encoded, start, end):
        if match.group() == b";":
            yield start, match.start()
            start = match.end()
    if encoded[start:end].strip():
        yield start, end


def _build(
    text: str, masked: str, encoded: bytes, raw: list[dict[str, Any]], foreign: list[psql.Foreign]
) -> Script:
    lines, index = LineIndex(text), ByteIndex(text, encoded)
    spans: list[tuple[int, int, dict[str, Any]]] = []
    for entry in sorted(raw, key=lambda entry: int(entry.get("stmt_location", 0))):
        first = index.char(entry.get("stmt_location", 0))
        length = entry.get("stmt_len", 0)
        last = index.char(entry.get("stmt_location", 0) + length) if length else len(text)
        begin = skip_gap(masked, first, last)
        if begin < last:
            spans.append((begin, last, entry))
        elif "error" in entry:
            # A comment that never ends is no gap.
            spans.append((last - len(text[first:last].lstrip()), last, entry))
    for part in foreign:
        error = native.ParserError(part.message, 0)
        spans.append((part.start, part.end, {"error": error}))
    spans.sort(key=lambda span: span[0])
    return _assemble(text, lines, index, spans)


def _assemble(
    text: str, lines: LineIndex, index: ByteIndex, spans: list[tuple[int, int, dict[str, Any]]]
) -> Script:
    statements: list[Statement] = []
    all_comments: list[Comment] = []
    gap_start = 0
    for number, (first, last, entry) in enumerate(spans):
        end = first + len(text[first:last].rstrip())
        before = _comments(text, gap_start, first)
        gap_end = spans[number + 1][0] if number + 1 < len(spans) else len(text)
        line_end = text.find("\n", end)
        tail_end = min(gap_end, len(text) if line_end < 0 else line_end)
        after = _comments(text, end, tail_end)
        statements.append(
            _statement(number, text[first:end], entry, lines, index, (first, end), before + after)
        )
        if before or after:
            all_comments += before + after
        gap_start = tail_end if after else end
    all_comments += _comments(text, gap_start, len(text))
    return Script(text, tuple(statements), tuple(all_comments))


def _comments(text: str, start: int, end: int) -> tuple[Comment, ...]:
    gap = text[start:end]
    # Most gaps are a semicolon and a new line.
    return tuple(comments_in(text, start, end)) if "-" in gap or "/" in gap else ()


def _statement(
    number: int,
    sql: str,
    entry: dict[str, Any],
    lines: LineIndex,
    index: ByteIndex,
    span: tuple[int, int],
    comments: tuple[Comment, ...],
) -> Statement:
    start, end = lines.position(span[0]), lines.position(span[1])
    error = entry.get("error")
    if error is not None:
        byte = entry.get("stmt_location", 0) + error.byte if "stmt_location" in entry and error.byte else None
        at = lines.position(index.char(byte)) if byte is not None else start
        return Statement(number, sql, "Unparsed", {}, start, end, comments, ParseFailure(error.message, at))
    if "repeats" in entry:
        return Repeat.at(entry["stmt_location"], number, sql, "InsertStmt", {}, start, end, comments)
    ((kind, tree),) = entry["stmt"].items()
    return Statement(number, sql, kind, tree, start, end, comments)


@functools.lru_cache(maxsize=256)
def is_single_statement(sql: str) -> bool:
    """Whether a text is exactly one statement that parses."""
    try:
        parse_one(sql)
    except SqlSyntaxError:
        return False
    return True
