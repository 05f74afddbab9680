"""Character strings."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from lockgate.proving.rows.families.base import Family, Subject

HOSTILE: Final = (
    "",
    'O\'Brien "quoted" \\ back % $1 ; --',
    "Zoë 日本語 🐘 e\u0301 \u202eabc \u200b",
    " \t\n ",
    "NULL",
    "'; DROP TABLE students; --",
    "long " * 60,
)
GENERIC: Final = (
    "a",
    "A",
    "abc",
    "ABC",
    "abc-1",
    "abc_1",
    "Abc Def",
    "1",
    "12345",
    "a@b.example",
    "https://example.org/x",
    "+14155550100",
    "1.2.3",
    "#aabbcc",
    "en",
    "en-US",
    "US",
    "USD",
    "UTC",
    "2024-01-31",
    "12:30",
    "192.0.2.1",
    "00000000-0000-4000-8000-000000000001",
    "{}",
    "x" * 64,
)
"""Values of the forms that checks and functions ask for most."""
_DIGITS: Final = "0123456789abcdefghijklmnopqrstuvwxyz"
_NAME_LIMIT: Final = 63


class Texts(Family):
    """``text``, ``varchar``, ``char``, ``name``, ``citext`` and ``"char"``."""

    names = frozenset({"text", "varchar", "bpchar", "name", "char", "citext"})

    def plain(self, subject: Subject, number: int, distinct: bool) -> str:
        """``value 7``, or a number in base 36 where there is little room."""
        text = f"value {number}"
        limit = _limit(subject)
        if limit is None or len(text) <= limit:
            return text
        return _base36(number, limit)

    def hostile(self, subject: Subject) -> tuple[str, ...]:
        """Empty, quotes, scripts of the world, blanks, SQL, and a long one; cut to the limit."""
        limit = _limit(subject)
        if subject.shape.name == "char":
            return ("", "'", "\\")
        if limit is None:
            return HOSTILE
        by_bytes = subject.shape.name == "name"
        return tuple(dict.fromkeys(_cut(text, limit, by_bytes) for text in HOSTILE))

    def near(self, subject: Subject, constants: tuple[str, ...]) -> Iterator[str]:
        """The constant alone, in another case, and with something before or behind; then common forms."""
        limit = _limit(subject) or 10_000
        for constant in constants:
            yield constant
        for constant in constants:
            for text in (constant + "x", "x" + constant, f"x{constant}x", constant.upper(), constant.lower()):
                if len(text) <= limit:
                    yield text
        yield from (text for text in GENERIC if len(text) <= limit)

    def sized(self, subject: Subject, length: int) -> Iterator[str]:
        """Strings of exactly that many characters, different ones first."""
        if 0 <= length <= min(_limit(subject) or 10_000, 10_000):
            for number in range(8):
                yield _base36(number, length) if length else ""


def _limit(subject: Subject) -> int | None:
    match subject.shape.name:
        case "char":
            return 1
        case "name":
            return _NAME_LIMIT
        case "bpchar" if subject.length is None:
            return None
        case "varchar" | "bpchar":
            return subject.length
    return None


def _base36(number: int, width: int) -> str:
    digits = ""
    while number or not digits:
        number, digit = divmod(number, 36)
        digits = _DIGITS[digit] + digits
    return digits.rjust(width, "a")[-width:]


def _cut(text: str, limit: int, by_bytes: bool) -> str:
    return text.encode("utf-8")[:limit].decode("utf-8", "ignore") if by_bytes else text[:limit]
