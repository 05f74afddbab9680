"""Which queries wait for a statement: those whose own locks conflict with one of its locks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Literal, cast

from lockgate.analysis.locks import forecast
from lockgate.analysis.view import StateView
from lockgate.catalog.statistics.model import Mode, Statistics
from lockgate.sql.parse import parse
from lockgate.types import LockMode, RelationLock

Basis = Literal["queries", "table counters"]

_QUERIES: Final = frozenset({"SelectStmt", "InsertStmt", "UpdateStmt", "DeleteStmt", "MergeStmt", "CopyStmt"})


def locks_of_query(text: str, state: StateView, major: int) -> tuple[tuple[str, Mode], ...]:
    """The relations that a query locks (name, mode as in pg_locks), also behind views, partitions and functions.

    The text may hold ``$1`` in place of values. Empty for what is no query, or touches nothing that is known.
    """
    statements = parse(text).statements
    if len(statements) != 1 or statements[0].kind not in _QUERIES:
        return ()
    found = forecast(statements[0], state, major).relations
    return tuple(
        (lock.relation, cast("Mode", lock.mode.pg_name)) for lock in found if _is_known(lock.relation, state)
    )


def _is_known(name: str, state: StateView) -> bool:
    schema, _, relation = name.partition(".")
    return state.relation(schema, relation) is not None


@dataclass(frozen=True, slots=True)
class Traffic:
    """How many queries in a second would wait for some locks, and where the number comes from."""

    per_second: float
    basis: Basis


def waiting_for(locks: Sequence[RelationLock], statistics: Statistics) -> Traffic | None:
    """The queries that conflict with some locks, each counted once; None when the server counted nothing.

    Without ``pg_stat_statements`` the searches and row writes of the tables stand in for queries, which counts a join
    or a bulk insert more than once.
    """
    if statistics.counts_queries:
        return Traffic(_counted(locks, statistics), "queries")
    rates = [rate for lock in locks for rate in _table_rates(lock, statistics)]
    known = [rate for rate in rates if rate is not None]
    if rates and not known:
        return None
    return Traffic(sum(known), "table counters")


def _counted(locks: Sequence[RelationLock], statistics: Statistics) -> float:
    ours = {lock.relation: lock.mode for lock in locks}
    return sum(query.calls.expected or 0.0 for query in statistics.queries if _conflicts(query.modes(), ours))


def _conflicts(theirs: Iterable[tuple[str, LockMode]], ours: dict[str, LockMode]) -> bool:
    return any(name in ours and mode.conflicts_with(ours[name]) for name, mode in theirs)


def _table_rates(lock: RelationLock, statistics: Statistics) -> list[float | None]:
    table = statistics.table(lock.relation)
    if table is None or lock.mode < LockMode.SHARE:
        return []
    if lock.mode.conflicts_with(LockMode.ACCESS_SHARE):
        return [table.scans.expected, table.row_writes.expected]
    return [table.row_writes.expected]
