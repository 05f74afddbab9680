"""Room on the server: the growth of the table, and the disk itself where it can be seen."""

from __future__ import annotations

import os
from typing import ClassVar

from lockgate.chunks.signals.signal import Reading, Situation


class Disk:
    """How much the table has grown since the start, and how full the disk is when the server is on this machine.

    PostgreSQL itself cannot tell how full its disk is.
    """

    name: ClassVar[str] = "disk"
    summary: ClassVar[str] = "growth of the table, and the server's disk where it can be seen"

    def __init__(self) -> None:
        self._first_size: float | None = None

    def read(self, situation: Situation) -> Reading:
        """The worse of growth against ``growth_factor`` and use against ``disk_share``."""
        size, directory, local = situation.row("disk")
        if self._first_size is None:
            self._first_size = max(size, 64 * 2**20)
        growth = Reading(
            size / (self._first_size * situation.limits.growth_factor),
            f"the table has grown to {size / self._first_size:.1f} times its size",
        )
        used = _used_share(directory) if local and directory else None
        if used is None:
            return growth
        disk = Reading(used / situation.limits.disk_share, f"the server's disk is {used:.0%} full")
        # A disk may be well filled for years: only the last stretch before the limit counts.
        return max(
            growth, disk if disk.pressure >= 1 else Reading(0.0, disk.detail), key=lambda r: r.pressure
        )


def _used_share(directory: str) -> float | None:
    try:
        disk = os.statvfs(directory)
    except OSError:
        return None
    return 1 - disk.f_bavail / disk.f_blocks if disk.f_blocks else None
