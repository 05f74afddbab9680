"""Checkpoints that WAL volume forces: each one makes the next change of every page write the whole page."""

from __future__ import annotations

from collections import deque
from typing import ClassVar

from lockgate.chunks.signals.signal import Reading, Situation

_SLOW_ONLY = 0.95


class Checkpoints:
    """How soon one forced checkpoint follows the other; slows down and never stops."""

    name: ClassVar[str] = "checkpoints"
    summary: ClassVar[str] = "checkpoints that are forced by the volume of WAL"

    def __init__(self) -> None:
        self._count: int | None = None
        self._times: deque[float] = deque(maxlen=2)

    def read(self, situation: Situation) -> Reading:
        """``seconds_between_checkpoints`` against the time between the last two forced ones."""
        (count,) = situation.row("checkpoints_17" if situation.major >= 17 else "checkpoints_15")
        if self._count is not None and count > self._count:
            self._times.append(situation.now)
        self._count = count
        if len(self._times) < 2:
            return Reading(0.0, "no forced checkpoints")
        apart = max(self._times[1] - self._times[0], situation.now - self._times[1], 0.001)
        pressure = min(_SLOW_ONLY, situation.limits.seconds_between_checkpoints / apart)
        return Reading(pressure, f"WAL forces a checkpoint every {apart:.0f} s (raise max_wal_size)")
