"""Ranges of seconds, and how they are said in words."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Span:
    """A duration in seconds of which only bounds are known; ``low`` is never more than ``high``."""

    low: float = 0.0
    high: float = 0.0

    def __add__(self, other: Span) -> Span:
        return Span(self.low + other.low, self.high + other.high)

    def times(self, low: float, high: float | None = None) -> Span:
        """The span with its bounds multiplied."""
        return Span(self.low * low, self.high * (low if high is None else high))

    @property
    def middle(self) -> float:
        """The geometric middle of the bounds: what is as many times too small as too large."""
        return math.sqrt(self.low * self.high)

    def to_json(self) -> dict[str, float]:
        """The bounds and their middle for the machine output, to three significant digits."""
        return {
            "low": significant(self.low),
            "likely": significant(self.middle),
            "high": significant(self.high),
        }


NOTHING = Span()


def total(spans: Iterable[Span]) -> Span:
    """The sum of some spans."""
    return sum(spans, NOTHING)


def significant(value: float, digits: int = 3) -> float:
    """A number rounded to some significant digits: more would pretend to know."""
    if value == 0:
        return 0.0
    return round(value, digits - 1 - math.floor(math.log10(abs(value))))


_UNITS = ((86_400.0, "d"), (3600.0, "h"), (60.0, "min"), (1.0, "s"))


def in_words(span: Span) -> str:
    """A span for people: ``about 3.2 s (2 to 5 s)``, ``less than 30 ms``."""
    if span.high < 0.03:
        return "less than 30 ms"
    low, high = duration(span.low), duration(span.high)
    if low == high:
        return f"about {high}"
    low_number, _, low_unit = low.partition(" ")
    _, _, high_unit = high.partition(" ")
    return f"about {duration(span.middle)} ({low_number if low_unit == high_unit else low} to {high})"


def duration(seconds: float) -> str:
    """Seconds for people, to two digits: ``35 ms``, ``1.5 s``, ``6.7 min``, ``3 h``."""
    if seconds < 0.995:
        return f"{significant(seconds * 1000, 2):g} ms" if seconds >= 0.001 else "1 ms"
    for size, unit in _UNITS:
        if seconds >= size * (1.5 if size > 1 else 1):
            return f"{significant(seconds / size, 2):g} {unit}"
    return f"{significant(seconds, 2):g} s"


def size(count: float) -> str:
    """Bytes for people: ``16 kB``, ``48 GB``."""
    for unit in ("bytes", "kB", "MB", "GB"):
        if count < 1000:
            return f"{significant(count, 3):g} {unit}"
        count /= 1024
    return f"{significant(count, 3):g} TB"


def number(count: float) -> str:
    """A count for people: ``940``, ``124,000``, ``2.1 million``."""
    if count >= 1_000_000_000:
        return f"{significant(count / 1_000_000_000, 2):g} billion"
    if count >= 1_000_000:
        return f"{significant(count / 1_000_000, 2):g} million"
    if count >= 10:
        return f"{significant(count):,.0f}"
    return f"{significant(count, 2):g}"
