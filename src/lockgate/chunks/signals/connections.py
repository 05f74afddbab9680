"""Connections that are used up: a walk must not take the last ones, nor work while everybody waits for one."""

from __future__ import annotations

from typing import ClassVar

from lockgate.chunks.signals.signal import Reading, Situation


class Connections:
    """The share of ``max_connections`` that is in use."""

    name: ClassVar[str] = "connections"
    summary: ClassVar[str] = "connections in use"

    def read(self, situation: Situation) -> Reading:
        """Used connections against ``connection_share`` of all."""
        used, allowed = situation.row("connections")
        return Reading(
            used / (allowed * situation.limits.connection_share), f"{used} of {allowed} connections in use"
        )
