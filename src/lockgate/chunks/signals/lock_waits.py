"""Sessions that wait for us, or for a lock on the table that we walk."""

from __future__ import annotations

from typing import ClassVar

from lockgate.chunks.signals.signal import Reading, Situation


class LockWaits:
    """Somebody waits behind a chunk, or wants to change the table."""

    name: ClassVar[str] = "lock-waits"
    summary: ClassVar[str] = "sessions that wait for a row or a lock of the table"

    def read(self, situation: Situation) -> Reading:
        """The longest wait against ``lock_wait_seconds``; a waiting schema change stops at once."""
        waiting, longest, schema_change = situation.row("lock_waits")
        if schema_change:
            return Reading(1.0, f"process {schema_change} waits to change the table")
        pressure = longest / situation.limits.lock_wait_seconds
        return Reading(pressure, f"{waiting} sessions wait, the longest for {longest:.1f} s")
