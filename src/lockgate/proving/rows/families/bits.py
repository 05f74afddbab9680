"""Bytes, bit strings and UUIDs."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lockgate.proving.rows.families.base import Family, Subject


class Bytes(Family):
    """``bytea``."""

    names = frozenset({"bytea"})
    form = re.compile(r"\\x[0-9a-f]*")

    def plain(self, subject: Subject, number: int, distinct: bool) -> str:
        """Four bytes."""
        return f"\\x{number + 1:08x}"

    def hostile(self, subject: Subject) -> tuple[str, ...]:
        """None at all, zero bytes, what is not UTF-8."""
        return ("\\x", "\\x0000", "\\xfffe80")

    def sized(self, subject: Subject, length: int) -> Iterator[str]:
        """That many bytes."""
        if 0 <= length <= 10_000:
            yield from ("\\x" + byte * length for byte in ("00", "61", "ff"))


class BitStrings(Family):
    """``bit(n)`` and ``bit varying(n)``."""

    names = frozenset({"bit", "varbit"})
    form = re.compile(r"[01]+")

    def plain(self, subject: Subject, number: int, distinct: bool) -> str:
        """The number in binary."""
        width = subject.typmod if subject.typmod > 0 else 8
        return format(number % 2 ** min(width, 60), "b").rjust(width, "0")[-width:]

    def hostile(self, subject: Subject) -> tuple[str, ...]:
        """All bits off, all bits on, and no bits where that is allowed."""
        width = subject.typmod if subject.typmod > 0 else 8
        return ("0" * width, "1" * width, *(("",) if subject.shape.name == "varbit" else ()))

    def sized(self, subject: Subject, length: int) -> Iterator[str]:
        """That many bits."""
        if 0 <= length <= 10_000:
            yield from ("0" * length, "1" * length)


class Uuids(Family):
    """``uuid``."""

    names = frozenset({"uuid"})
    form = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
    ordered = True

    def plain(self, subject: Subject, number: int, distinct: bool) -> str:
        """Of version 4 by form, in order."""
        return f"10c46a7e-0000-4000-8000-{number:012x}"

    def hostile(self, subject: Subject) -> tuple[str, ...]:
        """Nothing and everything."""
        return ("00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff")
