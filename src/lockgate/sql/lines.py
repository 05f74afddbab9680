"""Positions in a text: offsets to lines and columns, and the gaps between statements."""

from __future__ import annotations

import bisect
import re
from collections.abc import Iterator

from lockgate.types import Position
from lockgate.values import value

_NEWLINE = re.compile(r"\n")


class LineIndex:
    """Turns character offsets of one text into lines and columns, both counted from 1."""

    def __init__(self, text: str) -> None:
        self._starts = [0, *(match.end() for match in _NEWLINE.finditer(text))]

    def position(self, offset: int) -> Position:
        """Line and column of a character offset."""
        line = bisect.bisect_right(self._starts, offset)
        return Position(offset, line, offset - self._starts[line - 1] + 1)


class ByteIndex:
    """Turns the parser's byte offsets into character offsets; free of charge for ASCII."""

    def __init__(self, text: str, encoded: bytes) -> None:
        self._encoded = encoded
        self._ascii = len(encoded) == len(text)
        self._byte = 0
        self._char = 0

    def char(self, byte: int) -> int:
        """The character offset of a byte offset; cheapest when asked in growing order."""
        if self._ascii:
            return byte
        if byte < self._byte:
            self._byte = self._char = 0
        self._char += len(self._encoded[self._byte : byte].decode("utf-8", "ignore"))
        self._byte = byte
        return self._char


@value(frozen=True, slots=True)
class Comment:
    """One comment: its text without the comment marks, and where it begins and ends."""

    text: str
    start: int
    end: int
    is_line: bool


_GAP_TOKEN = re.compile(r"--[^\n]*|/\*|[^-/]+|[-/]")
_BLOCK_EDGE = re.compile(r"/\*|\*/")


def comments_in(text: str, start: int, end: int) -> Iterator[Comment]:
    """The comments of a gap between statements, which holds nothing but blanks, comments and semicolons."""
    at = start
    while at < end:
        match = _GAP_TOKEN.match(text, at, end)
        if match is None:
            return
        piece = match.group()
        if piece.startswith("--"):
            yield Comment(piece[2:].strip(), at, match.end(), is_line=True)
            at = match.end()
        elif piece == "/*":
            close = end_of_block(text, at, end)
            yield Comment(text[at + 2 : max(at + 2, close - 2)].strip(), at, close, is_line=False)
            at = close
        else:
            at = match.end()


def end_of_block(text: str, start: int, end: int) -> int:
    """The offset behind a block comment that begins at ``start``; such comments nest."""
    depth = 0
    for match in _BLOCK_EDGE.finditer(text, start, end):
        depth += 1 if match.group() == "/*" else -1
        if depth == 0:
            return match.end()
    return end


def skip_gap(text: str, start: int, end: int) -> int:
    """The offset of the first character after blanks, comments and semicolons."""
    at = start
    while at < end:
        if text[at].isspace() or text[at] == ";":
            at += 1
        elif text.startswith("--", at):
            newline = text.find("\n", at, end)
            at = end if newline < 0 else newline + 1
        elif text.startswith("/*", at):
            at = end_of_block(text, at, end)
        else:
            return at
    return end
