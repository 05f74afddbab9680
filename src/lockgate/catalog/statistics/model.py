"""Statistics of a target as frozen values. They hold names and numbers: no row, no text of a query, no password.

Sizes are bytes, times are seconds, names are ``schema.name`` without quotes as in forecasts. None means that the server
did not say.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from lockgate.types import LockMode

FORMAT = "lockgate-statistics"
FORMAT_VERSION = 1
"""The version of the file that the statistics are written to; it grows when a reader of before would misread it."""

Mode = Literal[
    "AccessShareLock",
    "RowShareLock",
    "RowExclusiveLock",
    "ShareUpdateExclusiveLock",
    "ShareLock",
    "ShareRowExclusiveLock",
    "ExclusiveLock",
    "AccessExclusiveLock",
]
"""A lock mode as ``pg_locks`` spells it."""


@dataclass(frozen=True, slots=True)
class Rate:
    """How often a second: ``average`` since the counters were reset, ``recent`` while we looked."""

    average: float | None = None
    recent: float | None = None

    @property
    def expected(self) -> float | None:
        """The higher of the two: an hour of rest must not make a busy table look harmless."""
        known = [value for value in (self.average, self.recent) if value is not None]
        return max(known, default=None)


@dataclass(frozen=True, slots=True)
class IndexStatistics:
    """One index."""

    name: str
    bytes: int
    method: str = "btree"


@dataclass(frozen=True, slots=True)
class TableStatistics:
    """One table, partition or materialized view; a partitioned table has no bytes of its own.

    ``bytes`` is the size of the main file, ``rows`` the planner's estimate brought to the present size. ``scans``
    counts the times that the table or an index of it was searched, ``row_writes`` rows inserted, updated and deleted.
    """

    name: str
    bytes: int
    rows: int | None = None
    toast_bytes: int = 0
    scans: Rate = Rate()
    row_writes: Rate = Rate()
    indexes: tuple[IndexStatistics, ...] = ()


@dataclass(frozen=True, slots=True)
class QueryStatistics:
    """One statement of ``pg_stat_statements``: how often it runs, and which locks it takes (name, mode as in pg_locks).

    ``id`` is the server's number for it; its text is not kept.
    """

    id: str
    calls: Rate
    locks: tuple[tuple[str, Mode], ...]
    mean_seconds: float | None = None

    def modes(self) -> tuple[tuple[str, LockMode], ...]:
        """The locks with their modes as values."""
        return tuple((name, LockMode.from_pg(mode)) for name, mode in self.locks)


@dataclass(frozen=True, slots=True)
class Holder:
    """A transaction that was open when we looked, with the relations that it had locked (name, mode as in pg_locks).

    ``has_snapshot`` makes CONCURRENTLY wait for its end. ``prevents_wraparound`` is an autovacuum that does not give
    way. ``prepared_as`` is the name of a prepared transaction.
    """

    kind: Literal["session", "autovacuum", "prepared transaction"]
    pid: int = 0
    user: str = ""
    application: str = ""
    state: str = ""
    seconds: float = 0.0
    idle_seconds: float = 0.0
    has_snapshot: bool = False
    prevents_wraparound: bool = False
    prepared_as: str = ""
    locks: tuple[tuple[str, Mode], ...] = ()


@dataclass(frozen=True, slots=True)
class Calibration:
    """What was measured on that server, in memory and without write-ahead log, on a temporary table of ``rows`` rows.

    Everything is per second. ``seconds`` is what the measurement took.
    """

    rows: int
    bytes: int
    scan_bytes: float
    scan_rows: float
    rewrite_bytes: float
    rewrite_rows: float
    index_rows: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Server:
    """The server: version, settings (``4194304 bytes``, ``1000 ms``, ``200``), and what it counted of its disks.

    ``seconds_per_block`` is the measured time to get a block that was not in shared buffers (with ``track_io_timing``).
    ``counted_seconds`` is the age of the counters, None when they were never reset.
    """

    version_num: int
    database: str
    in_recovery: bool = False
    block_size: int = 8192
    connections: int = 0
    counted_seconds: float | None = None
    seconds_per_block: float | None = None
    settings: Mapping[str, str] = field(default_factory=dict)

    @property
    def major(self) -> int:
        """The major version."""
        return self.version_num // 10000

    def number(self, setting: str) -> int | None:
        """The number of a setting, in bytes or milliseconds where it has a unit."""
        text = self.settings.get(setting, "").split(" ")[0]
        return int(text) if text.isdigit() else None


@dataclass(frozen=True)
class Statistics:
    """All that impact is computed from. ``taken_at`` is UTC as ISO 8601; ``remarks`` say what could not be read."""

    target: str
    taken_at: str
    server: Server
    tables: tuple[TableStatistics, ...] = ()
    queries: tuple[QueryStatistics, ...] = ()
    counts_queries: bool = False
    holders: tuple[Holder, ...] = ()
    calibration: Calibration | None = None
    sampled_seconds: float = 0.0
    remarks: tuple[str, ...] = ()
    format: Literal["lockgate-statistics"] = "lockgate-statistics"
    format_version: Literal[1] = 1

    def table(self, name: str) -> TableStatistics | None:
        """The table of that name, or None."""
        return self._tables.get(name)

    @functools.cached_property
    def _tables(self) -> Mapping[str, TableStatistics]:
        return {table.name: table for table in self.tables}
