"""Dates, times and intervals."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Final

from lockgate.proving.rows.families.base import Family, Subject

_FIRST: Final = date(2024, 1, 1)
_AGES: Final = ("1970-01-01", "2000-02-29", "2999-12-31")
_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d")


class Dates(Family):
    """``date``."""

    names = frozenset({"date"})
    ordered = True

    def plain(self, subject: Subject, number: int, distinct: bool) -> str:
        """One day after the other from 2024 on."""
        return (_FIRST + timedelta(days=number)).isoformat()

    def hostile(self, subject: Subject) -> tuple[str, ...]:
        """Infinities, before our era, the first and the last day, a leap day."""
        return (
            "infinity",
            "-infinity",
            "0044-03-15 BC",
            "4713-01-01 BC",
            "5874897-12-31",
            "2024-02-29",
        )

    def near(self, subject: Subject, constants: tuple[str, ...]) -> Iterator[str]:
        """The day of the constant, the days around it, and other ages."""
        for day in _days(constants):
            for step in (0, -1, 1, 30):
                yield (day + timedelta(days=step)).isoformat()
        yield from _AGES


class Timestamps(Family):
    """``timestamp`` and ``timestamptz``."""

    names = frozenset({"timestamp", "timestamptz"})
    ordered = True

    def plain(self, subject: Subject, number: int, distinct: bool) -> str:
        """One day and one second after the other from 2024 on."""
        moment = datetime(2024, 1, 1, 12) + timedelta(days=number, seconds=number)
        return moment.isoformat(" ") + self._zone(subject)

    def hostile(self, subject: Subject) -> tuple[str, ...]:
        """Infinities, before our era, the limits, a microsecond, an hour that summer time skips."""
        zone = self._zone(subject)
        return (
            "infinity",
            "-infinity",
            f"0044-03-15 12:00:00{zone} BC",
            f"294276-12-31 23:59:59.999999{zone}",
            f"1999-12-31 23:59:59.999999{zone}",
            f"2024-03-31 02:30:00{zone}",
        )

    def near(self, subject: Subject, constants: tuple[str, ...]) -> Iterator[str]:
        """The constant, midnight of its day, moments around it, and other ages."""
        for constant in constants:
            if _DATE.match(constant):
                yield constant
        for day in _days(constants):
            midnight = datetime(day.year, day.month, day.day)
            for step in (timedelta(0), timedelta(microseconds=-1), timedelta(hours=13), timedelta(days=30)):
                yield (midnight + step).isoformat(" ") + self._zone(subject)
        yield from _AGES

    def _zone(self, subject: Subject) -> str:
        return "+00" if subject.shape.name == "timestamptz" else ""


class Times(Family):
    """``time`` and ``timetz``."""

    names = frozenset({"time", "timetz"})
    ordered = True

    def plain(self, subject: Subject, number: int, distinct: bool) -> str:
        """One second after the other from six in the morning."""
        clock = (datetime(2024, 1, 1, 6) + timedelta(seconds=number)).time().isoformat()
        return clock + self._zone(subject)

    def hostile(self, subject: Subject) -> tuple[str, ...]:
        """Midnight at both ends of the day, the last microsecond, far zones."""
        if subject.shape.name == "timetz":
            return ("00:00:00+00", "24:00:00-15:59", "23:59:59.999999+15:59")
        return ("00:00:00", "24:00:00", "23:59:59.999999")

    def near(self, subject: Subject, constants: tuple[str, ...]) -> Iterator[str]:
        """The constant and the hours of the day."""
        yield from (constant for constant in constants if re.match(r"\d\d?:\d\d", constant))
        yield from (f"{hour:02}:00:00{self._zone(subject)}" for hour in range(0, 24, 3))

    def _zone(self, subject: Subject) -> str:
        return "+00" if subject.shape.name == "timetz" else ""


class Intervals(Family):
    """``interval``."""

    names = frozenset({"interval"})
    ordered = True

    def plain(self, subject: Subject, number: int, distinct: bool) -> str:
        """Days and an hour."""
        return f"{number + 1} days 01:00:00"

    def hostile(self, subject: Subject) -> tuple[str, ...]:
        """Zero, mixed signs, very long ones, and since PostgreSQL 17 infinity."""
        usual = ("00:00:00", "1 mon -1 days", "-178000000 years", "178000000 years", "00:00:00.000001")
        return (*usual, "infinity", "-infinity") if subject.source.major >= 17 else usual

    def near(self, subject: Subject, constants: tuple[str, ...]) -> Iterator[str]:
        """The constant and lengths of every order."""
        yield from (text for text in constants if re.match(r"[-+]?\d", text) and not _DATE.match(text))
        yield from ("1 second", "30 minutes", "1 hour", "1 day", "1 year", "-1 day", "0")


def _days(constants: tuple[str, ...]) -> Iterator[date]:
    for constant in constants:
        match = _DATE.match(constant)
        if match and "0002-01-01" < match[0] < "9998-12-31" and "BC" not in constant:
            try:
                yield date.fromisoformat(match[0])
            except ValueError:
                continue
