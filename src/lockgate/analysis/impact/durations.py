"""How long a statement works on each relation: sizes divided by what was measured on that server, as a range.

What is small and in memory runs at the calibrated speed. Two things make the real table slower, and widen the range
upwards: blocks that are not in memory, and the write-ahead log of what is written. The number of bytes and the number
of rows give two answers, because wide rows are fast by the byte and narrow ones by the row; the truth lies between.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from lockgate.analysis.impact.spans import NOTHING, Span, total
from lockgate.catalog.statistics.model import Calibration, IndexStatistics, Statistics, TableStatistics
from lockgate.types import RelationLock

UNCALIBRATED: Final = Calibration(
    rows=100_000,
    bytes=12_000_000,
    scan_bytes=700e6,
    scan_rows=6e6,
    rewrite_bytes=120e6,
    rewrite_rows=1e6,
    index_rows=1e6,
    seconds=0.0,
)
"""A small server of today, for statistics without a calibration; its range is wider still."""

NOISE: Final = (0.7, 1.5)
"""One measurement of a tenth of a second on a server that does other things."""

GUESSED: Final = (0.3, 4.0)
"""In place of NOISE when nothing was measured there."""

LOGGED: Final = 2.5
"""How much longer writing takes at worst with the write-ahead log and its checkpoints than without."""

WIDE_KEYS: Final = 3.0
"""How much longer an index that is not there yet takes at worst than one over bigint: text keys, several columns."""

ENTRY_BYTES: Final = 24
"""What a row of the calibrated index over bigint takes."""

OTHER_METHOD: Final = 3.0
"""How much longer GIN, GiST and the others take at worst than a btree of the same size."""

UNEVEN: Final = 1.5
"""What sorting on disk, or an expression to compute, may add to an index whose size is known."""

UNCACHED_BLOCK: Final = 8192 / 150e6
"""Seconds to read a block that is not in memory where the server has not measured it: 150 MB/s."""

ROW_BYTES: Final = 100
"""The width of a row of a table that was never analyzed."""

TRIGGER_CALL: Final = 20e-6
"""What one call of a row trigger takes at most that only looks at its row; one that queries takes longer."""

MOMENT: Final = Span(0.0003, 0.01)
"""What a change of the catalog alone takes."""

FEW_BLOCKS: Final = 1024 * 1024
"""A parallel build is not even considered for tables of this size (min_parallel_table_scan_size is 8 MB)."""


@dataclass(frozen=True, slots=True)
class Speed:
    """What the durations are computed with."""

    rates: Calibration
    noise: tuple[float, float]
    seconds_per_byte: float
    memory: int
    workers: int

    @classmethod
    def of(cls, statistics: Statistics) -> Speed:
        """The speed of a server, as far as it is known."""
        server = statistics.server
        per_block = server.seconds_per_block or UNCACHED_BLOCK * server.block_size / 8192
        return cls(
            rates=statistics.calibration or UNCALIBRATED,
            noise=NOISE if statistics.calibration else GUESSED,
            seconds_per_byte=per_block / server.block_size,
            memory=server.number("effective_cache_size") or 0,
            workers=server.number("max_parallel_maintenance_workers") or 0,
        )


def work_on(
    lock: RelationLock,
    table: TableStatistics,
    speed: Speed,
    *,
    patient: bool,
    writes: bool,
    triggers: int = 0,
) -> Span:
    """The time that a statement spends on one relation.

    ``patient`` statements that build an index read the table twice (CONCURRENTLY); ``writes`` says that the rows it
    reads may all be written anew (UPDATE, DELETE), ``triggers`` how many of the table's fire for each of them.
    """
    spans = []
    if lock.rewrite:
        spans += [rewrite(table, speed), *_rebuilds(table, speed)]
    elif lock.index_build:
        spans += [scan(table, speed).times(2 if patient else 1), index_build(table, speed)]
    elif lock.scan:
        spans.append(scan(table, speed))
    if writes and lock.scan:
        spans.append(Span(0.0, total([rewrite(table, speed), *_rebuilds(table, speed)]).high))
        spans.append(Span(0.0, rows_of(table) * triggers * TRIGGER_CALL))
    return total(spans)


def _rebuilds(table: TableStatistics, speed: Speed) -> Iterator[Span]:
    return (index_build(table, speed, index) for index in table.indexes)


def scan(table: TableStatistics, speed: Speed) -> Span:
    """Reading every row of the main file once."""
    rates = speed.rates
    found = _between(table.bytes / rates.scan_bytes, rows_of(table) / rates.scan_rows, speed)
    return found + from_disk(table.bytes, speed)


def rewrite(table: TableStatistics, speed: Speed) -> Span:
    """Writing the table anew, what lies beside it (TOAST) too; its indexes come on top."""
    rates, size = speed.rates, table.bytes + table.toast_bytes
    found = _between(size / rates.rewrite_bytes, rows_of(table) / rates.rewrite_rows, speed)
    return found.times(1, LOGGED) + from_disk(size, speed)


def index_build(table: TableStatistics, speed: Speed, index: IndexStatistics | None = None) -> Span:
    """Sorting and writing one index, without the scan that feeds it; sorting n rows costs n log n.

    The size of an ``index`` that is there already tells how wide its keys are.
    """
    rows = rows_of(table)
    if rows < 1:
        return NOTHING
    depth = max(1.0, math.log2(rows + 1) / math.log2(max(speed.rates.rows, 2)))
    alone = rows / speed.rates.index_rows * depth
    helpers = speed.workers if table.bytes > 8 * FEW_BLOCKS else 0
    narrow, wide = (1.0, WIDE_KEYS) if index is None else _width(index, rows)
    return Span(alone * narrow * speed.noise[0] / (1 + helpers), alone * wide * speed.noise[1])


def _width(index: IndexStatistics, rows: float) -> tuple[float, float]:
    """How many times as long as the calibrated index one takes, by the size of its entries."""
    width = min(max(index.bytes / rows / ENTRY_BYTES, 0.5), 10.0)
    return width, width * UNEVEN * (1.0 if index.method == "btree" else OTHER_METHOD)


def from_disk(size: int, speed: Speed) -> Span:
    """What reading costs beyond memory: at best only what cannot be in memory, at worst everything."""
    return Span(max(0, size - speed.memory) * speed.seconds_per_byte, size * speed.seconds_per_byte)


def rows_of(table: TableStatistics) -> float:
    """The rows of a table, guessed from its size where it was never analyzed."""
    return table.rows if table.rows is not None else table.bytes / ROW_BYTES


def _between(one: float, other: float, speed: Speed) -> Span:
    low, high = sorted((one, other))
    return Span(low * speed.noise[0], high * speed.noise[1])
