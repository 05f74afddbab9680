"""INSERT after INSERT of constants, as dumps and seed files have them: what need not be parsed again and again.

The scanner of the server says where each statement stands. One that is written like the two before it, word for word
and with nothing but other plain constants in the same places, has their grammar too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from lockgate.sql import native

WORTH_IT: Final = 500
"""Texts with fewer semicolons are parsed whole: that is as fast."""

_VALUE = rb"[+-]?[0-9]++(?:\.[0-9]++)?+|'[^'\\]*+(?:''[^'\\]*+)*+'|(?i:TRUE|FALSE)"
_CONSTANT = rb"(?:" + _VALUE + rb"|(?i:NULL|DEFAULT))"
_ROW = rb"\(\s*+" + _CONSTANT + rb"\s*+(?:,\s*+" + _CONSTANT + rb"\s*+)*+\)\s*+"
_NAME = rb'(?:[A-Za-z_][A-Za-z0-9_]*+|"[^"\0]++")'
_INSERT = (
    rb"\s*+(?P<head>(?i:INSERT\s++INTO)\s++" + _NAME + rb"(?:\." + _NAME + rb")?+\s*+"
    rb"(?:\(\s*+" + _NAME + rb"\s*+(?:,\s*+" + _NAME + rb"\s*+)*+\)\s*+)?+(?i:VALUES)\s*+)"
    rb"(?P<rows>" + _ROW + rb"(?:,\s*+" + _ROW + rb")*+)"
)


def repeats_in(encoded: bytes) -> list[tuple[int, int]]:
    """The byte ranges of the statements that differ from the two before them in their constants alone."""
    if encoded.count(b";") < WORTH_IT or encoded.upper().count(b"INSERT") < WORTH_IT:
        return []
    try:
        return list(_repeats(encoded))
    except native.ParserError:
        return []


def _repeats(encoded: bytes) -> Iterator[tuple[int, int]]:
    last, count = b"", 0
    insert, values = re.compile(_INSERT), re.compile(_VALUE)
    for start, length in native.split_bytes(encoded):
        match = insert.fullmatch(encoded, start, start + length)
        # No key asks for the row of a NULL: where one stands belongs to the form of a statement.
        form = match["head"] + values.sub(b"0", match["rows"]) if match else b""
        count = count + 1 if match and form == last else 0
        last = form
        if match and count > 1:
            yield match.start("head"), start + length


def without(encoded: bytes, ranges: list[tuple[int, int]]) -> bytes:
    """The same text with blanks in some places, so that every other offset stays what it is."""
    parts, at = [], 0
    for start, end in ranges:
        parts += [encoded[at:start], b" " * (end - start)]
        at = end
    return b"".join([*parts, encoded[at:]])
