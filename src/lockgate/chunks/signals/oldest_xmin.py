"""The oldest snapshot on the server: while it is held, no dead row can be removed and HOT updates run out of room."""

from __future__ import annotations

from typing import ClassVar

from lockgate.chunks.signals.signal import Reading, Situation


class OldestXmin:
    """Who holds the oldest snapshot: a session, a slot, a prepared transaction or a standby's feedback."""

    name: ClassVar[str] = "oldest-xmin"
    summary: ClassVar[str] = "the oldest snapshot: sessions, slots, prepared transactions, standby feedback"

    def read(self, situation: Situation) -> Reading:
        """Its age in seconds where a time is known, in transactions where it is not (slots, feedback)."""
        holder, seconds, age = situation.row("oldest_xmin")
        if holder is None:
            return Reading(0.0, "no old snapshot")
        limits = situation.limits
        pressure = max((seconds or 0) / limits.snapshot_seconds, age / limits.xid_age)
        since = f"for {seconds:.0f} s" if seconds is not None else f"{age:,} transactions old"
        return Reading(pressure, f"{holder} holds a snapshot, {since}: dead rows cannot be removed")
