"""How fast the server writes WAL, by whomever: it has to be shipped, archived and replayed."""

from __future__ import annotations

from typing import ClassVar

from lockgate.chunks.signals.signal import Reading, Situation


class WalRate:
    """Bytes of WAL per second since the reading before."""

    name: ClassVar[str] = "wal-rate"
    summary: ClassVar[str] = "WAL written per second"

    def __init__(self) -> None:
        self._before: tuple[float, float] | None = None

    def read(self, situation: Situation) -> Reading:
        """The rate against ``wal_bytes_per_second``; the first reading only sets the mark."""
        (position,) = situation.row("wal_rate")
        before, self._before = self._before, (situation.now, position)
        if before is None or situation.now <= before[0]:
            return Reading(0.0, "no rate yet")
        rate = (position - before[1]) / (situation.now - before[0])
        return Reading(rate / situation.limits.wal_bytes_per_second, f"{rate / 2**20:.0f} MB of WAL a second")
