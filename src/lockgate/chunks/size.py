"""How large the next chunk is: steered by the time that chunks take, not by a number of rows.

After Block's Spirit: the 90th percentile of the last durations decides, growth is at most 1.5 times a step, shrinking
is immediate, and a chunk that takes five times its time cuts the size to a tenth at once.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field

GROWTH = 1.5
PANIC = 5.0
_MEMORY = 10


@dataclass
class ChunkSizer:
    """Steers the size of chunks, in units of the walker, towards ``target_ms``; never below 1 or above ``largest``."""

    target_ms: float
    size: int
    largest: int
    _costs: deque[float] = field(default_factory=lambda: deque(maxlen=_MEMORY), repr=False)
    _before_trouble: int | None = None
    _trouble_left: int = 0

    def __post_init__(self) -> None:
        self.size = self._clamp(self.size)

    def took(self, milliseconds: float, units: int) -> None:
        """Learn from a chunk that was committed; chunks of nothing teach nothing."""
        if units <= 0:
            return
        self._costs.append(milliseconds / units)
        self._pass_trouble(units)
        if milliseconds > PANIC * self.target_ms:
            self._costs.clear()
            self.size = self._clamp(min(self.size, units) / 10)
        elif milliseconds > self.target_ms:
            self.size = self._clamp(min(self.size, units * self.target_ms / milliseconds))
        else:
            self._grow()

    def failed(self) -> bool:
        """Halve after a time-out, a deadlock or a row that cannot be changed; False when it is one row already."""
        if self._before_trouble is None:
            self._before_trouble = self._trouble_left = self.size
        if self.size <= 1:
            return False
        self.size = self._clamp(self.size / 2)
        return True

    def row_set_aside(self) -> None:
        """The row that made the trouble is out of the way: go on with half of what it was before."""
        if self._before_trouble is not None:
            self.size = self._clamp(self._before_trouble / 2)
        self._before_trouble = None

    def limit(self, target_ms: float, largest: int) -> None:
        """Take over limits that somebody changed while it runs."""
        if (target_ms, largest) != (self.target_ms, self.largest):
            self.target_ms, self.largest = target_ms, largest
            self.size = self._clamp(self.size)

    def _pass_trouble(self, units: int) -> None:
        self._trouble_left -= units
        if self._trouble_left <= 0:
            self._before_trouble = None

    def _grow(self) -> None:
        if self._before_trouble is not None:
            return  # the row that made the trouble is still ahead: growing would only meet it in a larger chunk
        ordered = sorted(self._costs)
        p90 = ordered[math.ceil(0.9 * len(ordered)) - 1]
        ideal = self.target_ms / p90 if p90 > 0 else math.inf
        if ideal > self.size:
            self.size = self._clamp(max(self.size + 1, min(ideal, self.size * GROWTH)))
        else:
            self.size = self._clamp(max(ideal, self.size / 2))

    def _clamp(self, size: float) -> int:
        return max(1, min(int(size), self.largest))
