"""Standbys and logical subscribers that fall behind."""

from __future__ import annotations

from typing import ClassVar

from lockgate.chunks.signals.signal import Reading, Situation, UnreadableError


class ReplicaLag:
    """How far the slowest replica is behind, in seconds and in bytes."""

    name: ClassVar[str] = "replica-lag"
    summary: ClassVar[str] = "seconds and bytes by which the slowest replica is behind"

    def read(self, situation: Situation) -> Reading:
        """The worse of time and bytes against their limits."""
        replicas, hidden, seconds, lag_bytes, slowest = situation.row("replica_lag")
        if hidden:
            raise UnreadableError("this role may not see the state of the replicas (it needs pg_monitor)")
        if not replicas:
            return Reading(0.0, "no replica")
        limits = situation.limits
        pressure = max(seconds / limits.replica_lag_seconds, lag_bytes / limits.replica_lag_bytes)
        return Reading(
            pressure, f"replica {slowest} is {seconds:.1f} s and {lag_bytes / 2**20:.0f} MB behind"
        )
