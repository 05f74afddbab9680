"""Replication slots that keep WAL back: an abandoned one fills the disk faster while a walk writes."""

from __future__ import annotations

from typing import ClassVar

from lockgate.chunks.signals.signal import Reading, Situation


class Slots:
    """The WAL that the worst slot holds, against ``slot_bytes`` or the server's own limit."""

    name: ClassVar[str] = "slots"
    summary: ClassVar[str] = "WAL that replication slots keep back"

    def read(self, situation: Situation) -> Reading:
        """The largest backlog of any slot; ``max_slot_wal_keep_size`` lowers the limit: behind it the slot is lost."""
        name, backlog, keep = situation.row("slots")
        if name is None:
            return Reading(0.0, "no slot")
        limit = min(situation.limits.slot_bytes, keep * 0.8) if keep > 0 else situation.limits.slot_bytes
        return Reading(backlog / limit, f"slot {name} keeps {backlog / 2**20:.0f} MB of WAL")
