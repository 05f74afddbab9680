"""The impact of each statement of a file: how long it works and holds its locks, who queues, who is in the way."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from lockgate.analysis.impact.durations import MOMENT, Speed, work_on
from lockgate.analysis.impact.obstacles import Obstacle, obstacles_to
from lockgate.analysis.impact.spans import Span, significant, total
from lockgate.analysis.impact.traffic import Traffic, waiting_for
from lockgate.catalog.statistics.model import Statistics
from lockgate.types import LockMode, RelationLock

_WRITES = frozenset({"UpdateStmt", "DeleteStmt", "MergeStmt"})


@dataclass(frozen=True, slots=True)
class Work:
    """What must be known of a statement: its forecast and its transaction.

    ``kind`` is the parser's name of its form. Statements with one ``transaction`` number commit together; None means
    that it runs outside of one. ``attached`` are indexes and owned sequences. ``in_chunks`` says that its rows are
    walked in small transactions, so that no lock is held for long. ``made_here`` names relations that the same file
    makes: they are empty, and nobody waits for them. ``row_triggers`` names a relation once for each trigger that fires
    for every row that the statement changes.
    """

    kind: str
    relations: tuple[RelationLock, ...]
    attached: tuple[RelationLock, ...] = ()
    transaction: int | None = None
    patient: bool = False
    in_chunks: bool = False
    made_here: tuple[str, ...] = ()
    row_triggers: tuple[str, ...] = ()

    @property
    def shared(self) -> tuple[RelationLock, ...]:
        """The locks on relations that others use too."""
        return tuple(lock for lock in self.relations if lock.relation not in self.made_here)


@dataclass(frozen=True, slots=True)
class RelationImpact:
    """One relation that the statement works through: its size on the target, and the time it costs."""

    name: str
    bytes: int
    rows: int | None
    index_bytes: int
    work: tuple[str, ...]
    seconds: Span

    def to_json(self) -> dict[str, Any]:
        """The entry of ``relations`` of an impact in the machine output."""
        return {
            "name": self.name,
            "bytes": self.bytes,
            "rows": self.rows,
            "index_bytes": self.index_bytes,
            "work": list(self.work),
            "seconds": self.seconds.to_json(),
        }


@dataclass(frozen=True, slots=True)
class Impact:
    """What one statement means for a target.

    ``seconds`` is how long it runs once it has its locks, ``held`` how long they stay: to the end of the transaction.
    ``traffic`` is None when nothing was counted. ``full_after`` is after how many seconds of waiting queries the server
    has no free connection left, None when it does not come to that within ``held``.
    ``stops_writes`` says that a lock is strong enough for writers, or everybody, to wait behind it.
    """

    seconds: Span
    held: Span
    relations: tuple[RelationImpact, ...]
    traffic: Traffic | None
    blockers: tuple[Obstacle, ...]
    full_after: float | None = None
    stops_writes: bool = True

    @property
    def queued(self) -> Span | None:
        """How many queries arrive while the locks are held, and so wait."""
        if self.traffic is None:
            return None
        return self.held.times(self.traffic.per_second)

    def to_json(self) -> dict[str, Any]:
        """The ``impact`` of a forecast in the machine output."""
        queued, traffic = self.queued, self.traffic
        return {
            "seconds": self.seconds.to_json(),
            "held_seconds": self.held.to_json(),
            "queries_per_second": significant(traffic.per_second) if traffic else None,
            "counted_by": traffic.basis if traffic else None,
            "queued": queued.to_json() if queued else None,
            "connections_exhausted_after": significant(self.full_after)
            if self.full_after is not None
            else None,
            "relations": [relation.to_json() for relation in self.relations],
            "blockers": [blocker.to_json() for blocker in self.blockers],
        }


def assess(works: Sequence[Work], statistics: Statistics) -> tuple[Impact, ...]:
    """The impact of each statement of one file, in order."""
    speed = Speed.of(statistics)
    reached = [tuple(_relations(work, statistics, speed)) for work in works]
    seconds = [MOMENT + total(r.seconds for r in relations) for relations in reached]
    return tuple(
        _impact(work, reached[number], seconds[number], _held(works, seconds, number), statistics)
        for number, work in enumerate(works)
    )


def summed(impacts: Sequence[Impact]) -> Impact | None:
    """Several statements in a few words: all of their work, and the worst wait that one of them causes."""
    if not impacts:
        return None
    worst = max(impacts, key=lambda found: (found.queued.high if found.queued else 0.0, found.held.high))
    return replace(
        worst,
        seconds=total(found.seconds for found in impacts),
        relations=tuple(relation for found in impacts for relation in found.relations),
        blockers=tuple(dict.fromkeys(blocker for found in impacts for blocker in found.blockers)),
    )


def _impact(
    work: Work, relations: tuple[RelationImpact, ...], seconds: Span, held: Span, statistics: Statistics
) -> Impact:
    locks = (*work.shared, *_through_indexes(work.attached, statistics))
    concurrently = work.patient and work.transaction is None and work.kind != "VacuumStmt"
    traffic = waiting_for(locks, statistics)
    blockers = obstacles_to((*locks, *work.attached), statistics, waits_for_snapshots=concurrently)
    full_after = _full_after(traffic, held, statistics)
    stops = any(lock.mode >= LockMode.SHARE for lock in locks)
    return Impact(seconds, held, relations, traffic, blockers, full_after, stops)


def _relations(work: Work, statistics: Statistics, speed: Speed) -> Iterator[RelationImpact]:
    for lock in work.shared:
        table = statistics.table(lock.relation)
        writes = work.kind in _WRITES and lock.mode >= LockMode.ROW_EXCLUSIVE
        triggers = work.row_triggers.count(lock.relation) if writes else 0
        words = tuple(_work_words(lock, writes, triggers))
        if table is None or not words:
            continue
        spent = work_on(lock, table, speed, patient=work.patient, writes=writes, triggers=triggers)
        indexes = sum(index.bytes for index in table.indexes)
        size = table.bytes + table.toast_bytes
        yield RelationImpact(table.name, size, table.rows, indexes, words, spent)


def _work_words(lock: RelationLock, writes: bool, triggers: int) -> Iterator[str]:
    if lock.rewrite:
        yield "rewrite"
    elif lock.scan:
        yield "scan"
        if writes:
            yield "row writes"
            if triggers:
                yield "row triggers"
    if lock.index_build:
        yield "index build"


def _held(works: Sequence[Work], seconds: Sequence[Span], number: int) -> Span:
    """From a statement to the end of its transaction; a chunk is over after a moment."""
    work = works[number]
    if work.in_chunks:
        return MOMENT
    if work.transaction is None:
        return seconds[number]
    later = (n for n in range(number, len(works)) if works[n].transaction == work.transaction)
    return total(seconds[n] for n in later)


def _through_indexes(attached: Sequence[RelationLock], statistics: Statistics) -> Iterator[RelationLock]:
    """An index under ACCESS EXCLUSIVE keeps every query on its table from being planned."""
    wanted = {lock.relation for lock in attached if lock.mode is LockMode.ACCESS_EXCLUSIVE}
    for table in statistics.tables if wanted else ():
        if any(index.name in wanted for index in table.indexes):
            yield RelationLock(table.name, LockMode.ACCESS_EXCLUSIVE)


def _full_after(traffic: Traffic | None, held: Span, statistics: Statistics) -> float | None:
    limit = statistics.server.number("max_connections")
    if traffic is None or traffic.per_second <= 0 or limit is None:
        return None
    after = max(0, limit - statistics.server.connections) / traffic.per_second
    return after if after < held.high else None
