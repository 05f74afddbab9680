"""What a setting may be: the checks that a section puts into its annotations, beside the line that documents it.

A section is a plain frozen dataclass with annotations such as ``Annotated[float, seconds, "how long …"]``, so that
what every command reads costs no import of a validation library; :mod:`lockgate.config.reader` reads any such class
from a TOML table.
"""

from __future__ import annotations

import re
from typing import Any, Final

from lockgate.values import value


class Invalid(ValueError):  # noqa: N818 - reads as the sentence it becomes
    """A value is not allowed here; the text says what is."""


@value(frozen=True, slots=True)
class Between:
    """A number from ``low`` to ``high``, both allowed."""

    low: float
    high: float

    def __call__(self, value: Any) -> Any:
        """The value, or Invalid."""
        if (
            isinstance(value, bool)
            or not isinstance(value, int | float)
            or not self.low <= value <= self.high
        ):
            raise Invalid(f"a number from {self.low:g} to {self.high:g}")
        return value


_UNITS: Final = {"ms": 0.001, "s": 1.0, "min": 60.0, "h": 3600.0, "d": 86400.0}
_SIZES: Final = {"B": 1, "kB": 2**10, "MB": 2**20, "GB": 2**30}
_QUANTITY: Final = re.compile(r"\s*([0-9]+(?:\.[0-9]+)?)\s*([A-Za-z]*)\s*\Z")


def seconds(value: Any) -> float:
    """Seconds of a duration such as ``"500ms"``, ``"2s"``, ``"5min"`` or a bare number; raises Invalid."""
    return _quantity(value, _UNITS, "s", 'a duration such as "500ms", "2s", "5min" or "1h"')


def positive_seconds(value: Any) -> float:
    """Like :func:`seconds`, but not 0, which PostgreSQL takes for "no limit"; raises Invalid."""
    found = seconds(value)
    if found < 0.001:
        raise Invalid('a duration of at least "1ms"; there is no way to switch this limit off')
    return found


def size(value: Any) -> int:
    """Bytes of a size such as ``"32MB"`` or a bare number (powers of 1024); raises Invalid."""
    return int(_quantity(value, _SIZES, "B", 'a size such as "512kB" or "32MB"'))


def _quantity(value: Any, units: dict[str, float] | dict[str, int], default: str, wanted: str) -> float:
    if isinstance(value, bool):
        raise Invalid(wanted)
    match = _QUANTITY.match(str(value))
    unit = units.get(match[2] or default) if match else None
    if match is None or unit is None:
        raise Invalid(wanted)
    return float(match[1]) * unit
