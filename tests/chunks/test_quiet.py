from __future__ import annotations

from datetime import UTC, datetime

import pytest

from lockgate.chunks.quiet import QuietHours
from lockgate.errors import UsageError


def at(hour, minute=0):
    return datetime(2026, 1, 15, hour, minute, tzinfo=UTC)


def test_within_a_day():
    hours = QuietHours.parse("08:00-18:00")
    assert hours.hold(at(8))
    assert hours.hold(at(17, 59))
    assert not hours.hold(at(18))
    assert not hours.hold(at(7, 59))


def test_over_midnight_and_in_another_zone():
    hours = QuietHours.parse("22:00-06:00 Europe/Berlin")
    assert hours.hold(at(21))  # 22:00 in Berlin
    assert hours.hold(at(4, 59))
    assert not hours.hold(at(5))
    assert str(hours) == "22:00-06:00 Europe/Berlin"


@pytest.mark.parametrize("text", ["", "8-18", "25:00-26:00", "08:00-18:00 Mars/Base"])
def test_nonsense_is_refused(text):
    with pytest.raises(UsageError):
        QuietHours.parse(text)
