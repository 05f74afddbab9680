"""Dead rows that pile up faster than autovacuum takes them away."""

from __future__ import annotations

from typing import ClassVar

from lockgate.chunks.signals.signal import Reading, Situation

_SLOW_ONLY = 0.9


class DeadRows:
    """The share of dead rows in the table; slows down while a vacuum works, and never stops."""

    name: ClassVar[str] = "dead-rows"
    summary: ClassVar[str] = "dead rows against the progress of autovacuum"

    def read(self, situation: Situation) -> Reading:
        """Dead rows against ``dead_row_share`` of the live ones, as the statistics have it."""
        live, dead, vacuuming = situation.row("dead_rows")
        share = dead / max(live, 1)
        pressure = min(_SLOW_ONLY, share / situation.limits.dead_row_share) if dead > 10_000 else 0.0
        state = f", vacuum {vacuuming:.0%} through" if vacuuming is not None else ""
        # Without a vacuum at work, waiting would only make the walk longer.
        return Reading(
            pressure if vacuuming is not None else min(pressure, 0.69), f"{share:.0%} dead rows{state}"
        )
