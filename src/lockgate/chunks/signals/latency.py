"""What a user of the table feels: the time of a tiny read, against what it was before the walk began."""

from __future__ import annotations

import statistics
import time
from collections import deque
from typing import ClassVar

from lockgate.chunks.signals.signal import Reading, Situation

_BASELINE_READS = 15
_RECENT_READS = 5


class Latency:
    """Reads one place of the table and compares with the first readings."""

    name: ClassVar[str] = "latency"
    summary: ClassVar[str] = "the time of a one-row read of the table, against before the walk"

    def __init__(self) -> None:
        self._baseline: float | None = None
        self._recent: deque[float] = deque(maxlen=_RECENT_READS)

    def read(self, situation: Situation) -> Reading:
        """The median of the last reads against ``latency_factor`` times the baseline, at least ``latency_floor_ms``."""
        if self._baseline is None:
            self._baseline = statistics.median(self._one(situation) for _ in range(_BASELINE_READS))
        self._recent.append(self._one(situation))
        now = statistics.median(self._recent)
        limit = max(self._baseline * situation.limits.latency_factor, situation.limits.latency_floor_ms)
        return Reading(now / limit, f"a one-row read takes {now:.1f} ms, {self._baseline:.1f} ms before")

    def _one(self, situation: Situation) -> float:
        started = time.perf_counter()
        situation.row("latency")
        return (time.perf_counter() - started) * 1000
