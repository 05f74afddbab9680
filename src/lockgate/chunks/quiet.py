"""Hours in which a walk rests."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, time
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from lockgate.errors import UsageError

_FORM = re.compile(r"(\d{1,2}):(\d{2})-(\d{1,2}):(\d{2})(?:\s+(\S+))?")


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From ``start`` to before ``end`` in one time zone, over midnight when the end is the earlier one."""

    start: time
    end: time
    zone: str = "UTC"

    @classmethod
    def parse(cls, text: str) -> QuietHours:
        """Read ``08:00-18:00`` or ``22:00-06:00 Europe/Berlin``; raises UsageError."""
        match = _FORM.fullmatch(text.strip())
        try:
            if not match:
                raise ValueError(text)
            start, end = time(int(match[1]), int(match[2])), time(int(match[3]), int(match[4]))
            zone = match[5] or "UTC"
            ZoneInfo(zone)
        except (ValueError, ZoneInfoNotFoundError) as error:
            raise UsageError(
                f"{text!r} is not a span of hours.",
                next_steps=["write it as 08:00-18:00, or 22:00-06:00 Europe/Berlin"],
            ) from error
        return cls(start, end, zone)

    def __str__(self) -> str:
        return f"{self.start:%H:%M}-{self.end:%H:%M} {self.zone}"

    def hold(self, moment: datetime) -> bool:
        """Whether it is quiet at a moment (which knows its time zone)."""
        clock = moment.astimezone(ZoneInfo(self.zone)).time()
        if self.start <= self.end:
            return self.start <= clock < self.end
        return clock >= self.start or clock < self.end
