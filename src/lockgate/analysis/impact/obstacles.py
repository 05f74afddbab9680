"""What would make a statement wait at once: transactions that hold what conflicts with its locks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from lockgate.analysis.impact.spans import duration
from lockgate.catalog.statistics.model import Holder, Statistics
from lockgate.types import LockMode, RelationLock

LONG: Final = 1.0
"""Seconds after which an open transaction is worth a word; shorter ones are the ordinary traffic."""


@dataclass(frozen=True, slots=True)
class Obstacle:
    """A transaction in the way: it holds ``mode`` on ``relation``, or an old snapshot (then both are empty)."""

    holder: Holder
    relation: str = ""
    mode: str = ""

    def to_json(self) -> dict[str, Any]:
        """The entry of ``blockers`` in the machine output."""
        holder = self.holder
        return {
            "kind": holder.kind,
            "pid": holder.pid or None,
            "user": holder.user,
            "application": holder.application,
            "state": holder.state,
            "seconds": holder.seconds,
            "relation": self.relation or None,
            "lock": self.mode or None,
            "prevents_wraparound": holder.prevents_wraparound,
            "message": self.words,
        }

    @property
    def words(self) -> str:
        """The transaction and why it is in the way, in one line."""
        why = f"holds {self.mode} on {self.relation}" if self.relation else "has an old snapshot"
        return f"{_who(self.holder)}  {_since(self.holder)}, {why}{_manners(self.holder)}"


def obstacles_to(
    locks: Sequence[RelationLock], statistics: Statistics, *, waits_for_snapshots: bool
) -> tuple[Obstacle, ...]:
    """The transactions that some locks would wait for, the oldest first.

    ``waits_for_snapshots`` belongs to CONCURRENTLY, which waits for every transaction that may still see the old state.
    """
    ours = {lock.relation: lock.mode for lock in locks}
    found = [_obstacle(holder, ours, waits_for_snapshots) for holder in statistics.holders]
    return tuple(obstacle for obstacle in found if obstacle is not None)


def _obstacle(holder: Holder, ours: dict[str, LockMode], waits_for_snapshots: bool) -> Obstacle | None:
    if holder.kind == "session" and holder.seconds < LONG:
        return None
    held = sorted(_conflicting(holder, ours), key=lambda pair: LockMode.from_pg(pair[1]), reverse=True)
    if held:
        return Obstacle(holder, *held[0])
    if waits_for_snapshots and holder.has_snapshot and holder.kind != "autovacuum":
        return Obstacle(holder)
    return None


def _conflicting(holder: Holder, ours: dict[str, LockMode]) -> Iterator[tuple[str, str]]:
    for relation, mode in holder.locks:
        if relation in ours and LockMode.from_pg(mode).conflicts_with(ours[relation]):
            yield relation, mode


def _who(holder: Holder) -> str:
    if holder.kind == "prepared transaction":
        return f"prepared transaction {holder.prepared_as!r} of {holder.user}"
    if holder.kind == "autovacuum":
        return f"pid {holder.pid}  autovacuum"
    name = f"{holder.user}@{holder.application}" if holder.application else holder.user
    return f"pid {holder.pid}  {name or 'unknown'}"


def _since(holder: Holder) -> str:
    state = "" if holder.state in ("active", "prepared") else f"{holder.state} "
    return f"{state}for {duration(holder.seconds)}".strip()


def _manners(holder: Holder) -> str:
    if holder.kind != "autovacuum":
        return ""
    if holder.prevents_wraparound:
        return "; it prevents wraparound and does not give way"
    return "; it gives way after deadlock_timeout"
