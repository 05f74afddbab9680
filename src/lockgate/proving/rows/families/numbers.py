"""Booleans, whole numbers, decimals, floating point and money."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal, InvalidOperation
from itertools import chain
from typing import ClassVar

from lockgate.proving.rows.families.base import Family, Subject

KEY_BASE = 1_000_000
"""Keys begin far from where sequences and hand-written rows do, so that migrations may insert theirs."""
SMALL_KEY_BASE = 20_000


class Booleans(Family):
    """``boolean``."""

    names = frozenset({"bool"})
    form = re.compile(r"true|false")

    def plain(self, subject: Subject, number: int, distinct: bool) -> str:
        """True and false in turn."""
        return "true" if number % 2 == 0 else "false"

    def hostile(self, subject: Subject) -> tuple[str, ...]:
        """Both values."""
        return ("false", "true")


class Integers(Family):
    """``smallint``, ``integer``, ``bigint`` and the identifiers that behave like them."""

    names = frozenset({"int2", "int4", "int8", "oid", "xid", "xid8", "cid"})
    ordered = True
    _limits: ClassVar[dict[str, tuple[int, int]]] = {
        "int2": (-(2**15), 2**15 - 1),
        "int4": (-(2**31), 2**31 - 1),
        "int8": (-(2**63), 2**63 - 1),
        "xid8": (0, 2**64 - 1),
    }

    def plain(self, subject: Subject, number: int, distinct: bool) -> str:
        """Small numbers; keys lie far out."""
        if not distinct:
            return str(number + 1)
        base = SMALL_KEY_BASE if subject.shape.name == "int2" else KEY_BASE
        return str(base + number % 10_000)

    def hostile(self, subject: Subject) -> tuple[str, ...]:
        """Zero, minus one and the limits."""
        low, high = self._range(subject)
        return tuple(str(value) for value in (0, high, low, -1) if value >= low)

    def near(self, subject: Subject, constants: tuple[str, ...]) -> Iterator[str]:
        """The constant, its neighbours, and a number far above."""
        low, high = self._range(subject)
        for number in _decimals(constants):
            for value in (int(number), int(number) - 1, int(number) + 1, int(number) + 100):
                if low <= value <= high:
                    yield str(value)

    def _range(self, subject: Subject) -> tuple[int, int]:
        return self._limits.get(subject.shape.name, (0, 2**32 - 1))


class Decimals(Family):
    """``numeric(p, s)`` and ``numeric``."""

    names = frozenset({"numeric"})
    ordered = True

    def plain(self, subject: Subject, number: int, distinct: bool) -> str:
        """Values that use the scale, within the precision."""
        precision, scale = _precision(subject.typmod)
        if precision is None:
            return f"{KEY_BASE + number}.25" if distinct else f"{number + 1}.25"
        digits = (number + 1) % 10 ** min(precision, 9)
        return format(Decimal(digits).scaleb(-scale), "f")

    def hostile(self, subject: Subject) -> tuple[str, ...]:
        """Zero, the limits of the precision, NaN, and where there is no limit many digits and infinity."""
        precision, scale = _precision(subject.typmod)
        if precision is None:
            many = "12345678901234567890123456789.98765432109876543210"
            return ("0", many, "-0.000000000000000001", "NaN", "Infinity", "-Infinity")
        limit = Decimal("9" * precision).scaleb(-scale)
        return ("0", format(limit, "f"), format(-limit, "f"), "NaN")

    def near(self, subject: Subject, constants: tuple[str, ...]) -> Iterator[str]:
        """The constant, its neighbours by one and by a hundredth, and its half."""
        precision, scale = _precision(subject.typmod)
        limit = None if precision is None else Decimal("9" * precision).scaleb(-scale)
        for number in _decimals(constants):
            for step in (Decimal(0), Decimal("0.01"), Decimal("-0.01"), Decimal(1), Decimal(-1), -number / 2):
                value = number + step
                if limit is None or abs(value) <= limit:
                    yield format(value, "f")


class Floats(Family):
    """``real`` and ``double precision``."""

    names = frozenset({"float4", "float8"})
    ordered = True

    def plain(self, subject: Subject, number: int, distinct: bool) -> str:
        """Tenths, which no binary number is."""
        return f"{KEY_BASE + number}.1" if distinct else f"{number + 1}.1"

    def hostile(self, subject: Subject) -> tuple[str, ...]:
        """What is not a number, infinities, minus zero, the limits, and a sum that is not exact."""
        large, small = ("3.4e38", "1e-37") if subject.shape.name == "float4" else ("1.7e308", "5e-324")
        return ("NaN", "Infinity", "-Infinity", "-0", large, small, "0.30000000000000004")

    def near(self, subject: Subject, constants: tuple[str, ...]) -> Iterator[str]:
        """The constant, its neighbours by one and by a hundredth, and its half."""
        for number in _decimals(constants):
            value = float(number)
            yield from map(str, (value, value + 0.01, value - 0.01, value + 1, value - 1, value / 2))


class Money(Family):
    """``money``."""

    names = frozenset({"money"})
    ordered = True

    def plain(self, subject: Subject, number: int, distinct: bool) -> str:
        """Amounts with cents."""
        return f"{number + 1}.50"

    def hostile(self, subject: Subject) -> tuple[str, ...]:
        """Zero, a debt and the largest amount."""
        return ("0", "-1.01", "92233720368547758.07")

    def near(self, subject: Subject, constants: tuple[str, ...]) -> Iterable[str]:
        """The constant and its neighbours."""
        return chain.from_iterable((str(n), str(n + 1), str(n - 1)) for n in _decimals(constants))


def _precision(typmod: int) -> tuple[int | None, int]:
    """Precision and scale of ``numeric``; the scale is an 11-bit signed number since PostgreSQL 15."""
    if typmod < 4:
        return None, 0
    scale = (typmod - 4) & 0x7FF
    return ((typmod - 4) >> 16) & 0xFFFF, scale - 0x800 if scale > 0x3FF else scale


def _decimals(constants: tuple[str, ...]) -> Iterator[Decimal]:
    for text in constants:
        try:
            number = Decimal(text)
        except InvalidOperation:
            continue
        if number.is_finite() and abs(number) < Decimal("1e40"):
            yield number
