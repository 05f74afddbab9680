"""Strings that match a regular expression or a LIKE pattern, made by walking the pattern; the server judges them."""

from __future__ import annotations

import importlib
import re
import warnings
from collections.abc import Iterator
from typing import Any, Final

from lockgate.proving.rows.families.base import scatter

# Python's own reader of regular expressions; its tree has had this form since it was written.
_reader: Any = importlib.import_module("re._parser")
sre: Any = importlib.import_module("re._constants")

_LONGEST: Final = 200
_EXTRA: Final = 3
_CATEGORIES: Final = {
    sre.CATEGORY_DIGIT: "0123456789",
    sre.CATEGORY_WORD: "abcdefghijklmnopqrstuvwxyz0123456789_",
    sre.CATEGORY_SPACE: " ",
    sre.CATEGORY_NOT_DIGIT: "abc",
    sre.CATEGORY_NOT_SPACE: "abc123",
    sre.CATEGORY_NOT_WORD: "-. ",
}
_ANY: Final = "abcdefghijklmnopqrstuvwxyz0123456789"
_PRINTABLE: Final = [chr(code) for code in range(32, 127)]


def matching(pattern: str, count: int) -> Iterator[str]:
    """Some strings that match a POSIX regular expression, as far as Python reads it the same way."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = _reader.parse(_translated(pattern))
    except (re.error, OverflowError, RecursionError):
        return
    for number in range(count):
        yield "".join(_walk(tree, number, "p"))[:_LONGEST]


def liking(pattern: str, count: int) -> Iterator[str]:
    """Some strings that match a LIKE pattern."""
    for number in range(count):
        yield "".join(_like_parts(pattern, number))


def _translated(pattern: str) -> str:
    """What PostgreSQL writes otherwise than Python: character classes, and the ends of words."""
    for name, inside in (
        ("alnum", "a-zA-Z0-9"),
        ("alpha", "a-zA-Z"),
        ("digit", "0-9"),
        ("lower", "a-z"),
        ("upper", "A-Z"),
        ("space", " "),
        ("xdigit", "0-9a-f"),
        ("punct", ".,_"),
        ("word", "a-z0-9_"),
    ):
        pattern = pattern.replace(f"[:{name}:]", inside)
    for mark in (r"\m", r"\M", r"\y", r"\A", r"\Z"):
        pattern = pattern.replace(mark, "")
    return pattern.removeprefix("***:")


def _walk(tree: Any, number: int, path: str) -> Iterator[str]:
    for place, (operator, argument) in enumerate(tree):
        yield from _part(operator, argument, number, f"{path}.{place}")


def _part(operator: Any, argument: Any, number: int, path: str) -> Iterator[str]:
    choice = scatter(path, number)
    if operator is sre.LITERAL:
        yield chr(argument)
    elif operator is sre.NOT_LITERAL:
        yield next(char for char in _ANY[choice % 30 :] + _ANY if ord(char) != argument)
    elif operator is sre.ANY:
        yield _ANY[choice % len(_ANY)]
    elif operator is sre.IN:
        allowed = _allowed(argument)
        yield allowed[choice % len(allowed)] if allowed else ""
    elif operator is sre.BRANCH:
        branches = argument[1]
        yield from _walk(branches[choice % len(branches)], number, path)
    elif operator is sre.SUBPATTERN:
        yield from _walk(argument[3], number, path)
    elif operator in (sre.MAX_REPEAT, sre.MIN_REPEAT):
        low, high, inside = argument
        times = low + choice % (min(int(high), low + _EXTRA) - low + 1)
        for turn in range(min(times, _LONGEST)):
            yield from _walk(inside, number, f"{path}#{turn}")


def _allowed(items: Any) -> list[str]:
    chosen: list[str] = []
    negated = False
    for operator, argument in items:
        if operator is sre.NEGATE:
            negated = True
        elif operator is sre.LITERAL:
            chosen.append(chr(argument))
        elif operator is sre.RANGE:
            chosen += [chr(code) for code in range(argument[0], min(argument[1], argument[0] + 64) + 1)]
        elif operator is sre.CATEGORY:
            chosen += _CATEGORIES.get(argument, "a")
    if not negated:
        return chosen
    forbidden = set(chosen)
    letters = [char for char in _ANY if char not in forbidden]
    return letters or [char for char in _PRINTABLE if char not in forbidden]


def _like_parts(pattern: str, number: int) -> Iterator[str]:
    escaped = False
    for place, char in enumerate(pattern):
        if escaped or char not in "%_\\":
            escaped = False
            yield char
        elif char == "\\":
            escaped = True
        elif char == "_":
            yield _ANY[scatter(place, number) % len(_ANY)]
        elif number:
            yield f"v{scatter(place, number) % 1000}"
