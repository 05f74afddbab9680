"""WAL segments that wait to be archived: when the archive is slower than the walk, the disk fills."""

from __future__ import annotations

from typing import ClassVar

from lockgate.chunks.signals.signal import Reading, Situation


class Archiver:
    """The backlog of the archiver, in segments."""

    name: ClassVar[str] = "archiver"
    summary: ClassVar[str] = "WAL segments that wait to be archived"

    def read(self, situation: Situation) -> Reading:
        """The backlog against ``archive_backlog`` (GitLab stops at 42); an archiver that fails now stops at once."""
        archiving, failing, backlog = situation.row("archiver")
        if not archiving:
            return Reading(0.0, "no archive")
        if failing:
            return Reading(1.0, "archiving fails since its last success")
        return Reading(
            backlog / situation.limits.archive_backlog, f"{backlog:.0f} WAL segments wait for the archive"
        )
