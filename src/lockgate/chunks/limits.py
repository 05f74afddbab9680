"""Up to where a walk may press on the server; every limit can be set for each job, also while it runs."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from lockgate.errors import UsageError


@dataclass(frozen=True, slots=True)
class Limits:
    """Where a walk stops; at 70 % of a limit it begins to slow down. Seconds, bytes, counts and shares."""

    replica_lag_seconds: float = 10.0
    replica_lag_bytes: float = 256 * 2**20
    slot_bytes: float = 4 * 2**30
    latency_factor: float = 4.0
    latency_floor_ms: float = 10.0
    lock_wait_seconds: float = 1.0
    connection_share: float = 0.9
    wal_bytes_per_second: float = 256 * 2**20
    archive_backlog: float = 42
    seconds_between_checkpoints: float = 30.0
    dead_row_share: float = 0.6
    snapshot_seconds: float = 600.0
    xid_age: float = 50_000_000
    disk_share: float = 0.9
    growth_factor: float = 4.0

    @classmethod
    def from_mapping(cls, values: dict[str, Any]) -> Limits:
        """Limits from names and numbers; raises UsageError for a name that there is not or a number below zero."""
        known = {field.name for field in fields(cls)}
        for name, value in values.items():
            if name not in known:
                raise UsageError(f"There is no limit called {name!r}; there are {', '.join(sorted(known))}.")
            if not isinstance(value, int | float) or value <= 0:
                raise UsageError(f"The limit {name} must be a number above zero.")
        return cls(**{name: float(value) for name, value in values.items()})
