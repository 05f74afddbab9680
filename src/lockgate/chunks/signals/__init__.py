"""The throttle signals, one file each. A new signal is a file and a line in :data:`SIGNALS`."""

from __future__ import annotations

from typing import Final

from lockgate.chunks.signals.archiver import Archiver
from lockgate.chunks.signals.checkpoints import Checkpoints
from lockgate.chunks.signals.connections import Connections
from lockgate.chunks.signals.dead_rows import DeadRows
from lockgate.chunks.signals.disk import Disk
from lockgate.chunks.signals.latency import Latency
from lockgate.chunks.signals.lock_waits import LockWaits
from lockgate.chunks.signals.oldest_xmin import OldestXmin
from lockgate.chunks.signals.replica_lag import ReplicaLag
from lockgate.chunks.signals.signal import Reading, Signal, Situation, UnreadableError
from lockgate.chunks.signals.slots import Slots
from lockgate.chunks.signals.wal_rate import WalRate

SIGNALS: Final[tuple[type[Signal], ...]] = (
    LockWaits,
    ReplicaLag,
    Slots,
    OldestXmin,
    Latency,
    Connections,
    WalRate,
    Archiver,
    Checkpoints,
    DeadRows,
    Disk,
)

__all__ = ["SIGNALS", "Reading", "Signal", "Situation", "UnreadableError"]
