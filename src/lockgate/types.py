"""Small values that every room shares: lock modes, risk, severity, positions, qualified names."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from typing import Literal

from lockgate.values import replace, value


class LockMode(enum.IntEnum):
    """A table-level lock mode; a larger value is a stronger lock."""

    ACCESS_SHARE = 1
    ROW_SHARE = 2
    ROW_EXCLUSIVE = 3
    SHARE_UPDATE_EXCLUSIVE = 4
    SHARE = 5
    SHARE_ROW_EXCLUSIVE = 6
    EXCLUSIVE = 7
    ACCESS_EXCLUSIVE = 8

    @property
    def pg_name(self) -> str:
        """The spelling of ``pg_locks.mode``, for example ``AccessExclusiveLock``."""
        return "".join(part.capitalize() for part in self.name.split("_")) + "Lock"

    @property
    def sql_name(self) -> str:
        """The spelling of ``LOCK TABLE``, for example ``ACCESS EXCLUSIVE``."""
        return self.name.replace("_", " ")

    @classmethod
    def from_pg(cls, name: str) -> LockMode:
        """Read the spelling of ``pg_locks.mode``."""
        return _BY_PG_NAME[name]

    def conflicts_with(self, other: LockMode) -> bool:
        """Whether two sessions cannot hold these modes on one relation at the same time."""
        return other in _CONFLICTS[self]

    @property
    def blocks(self) -> Blocks:
        """What ordinary traffic has to wait behind this mode."""
        if self is LockMode.ACCESS_EXCLUSIVE:
            return "reads and writes"
        if self >= LockMode.SHARE:
            return "writes"
        if self is LockMode.SHARE_UPDATE_EXCLUSIVE:
            return "schema changes"
        return "nothing"


Blocks = Literal["nothing", "schema changes", "writes", "reads and writes"]

_PG_NAMES = {mode: mode.pg_name for mode in LockMode}
_BY_PG_NAME = {name: mode for mode, name in _PG_NAMES.items()}

# The conflict table of the PostgreSQL manual, chapter "Explicit Locking".
_FROM_STRENGTH: dict[LockMode, set[LockMode]] = {
    LockMode.ACCESS_SHARE: {LockMode.ACCESS_EXCLUSIVE},
    LockMode.ROW_SHARE: {LockMode.EXCLUSIVE, LockMode.ACCESS_EXCLUSIVE},
    LockMode.ROW_EXCLUSIVE: {m for m in LockMode if m >= LockMode.SHARE},
    LockMode.SHARE_UPDATE_EXCLUSIVE: {m for m in LockMode if m >= LockMode.SHARE_UPDATE_EXCLUSIVE},
    LockMode.SHARE: {m for m in LockMode if m >= LockMode.ROW_EXCLUSIVE and m is not LockMode.SHARE},
    LockMode.SHARE_ROW_EXCLUSIVE: {m for m in LockMode if m >= LockMode.ROW_EXCLUSIVE},
    LockMode.EXCLUSIVE: {m for m in LockMode if m >= LockMode.ROW_SHARE},
    LockMode.ACCESS_EXCLUSIVE: set(LockMode),
}
_CONFLICTS = {mode: frozenset(others) for mode, others in _FROM_STRENGTH.items()}


class Severity(enum.StrEnum):
    """How much a finding weighs; the order is ``INFO < WARNING < ERROR``."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"

    @property
    def rank(self) -> int:
        """A number that grows with the weight."""
        return _SEVERITY_RANK[self]


_SEVERITY_RANK = {Severity.INFO: 0, Severity.WARNING: 1, Severity.ERROR: 2}


class Risk(enum.StrEnum):
    """The guide's three levels of risk, in growing order."""

    LOW = "Low"
    MEDIUM = "Medium"
    HIGH = "High"

    @property
    def rank(self) -> int:
        """A number that grows with the risk."""
        return _RISK_RANK[self]


_RISK_RANK = {Risk.LOW: 0, Risk.MEDIUM: 1, Risk.HIGH: 2}


class MigrationType(enum.StrEnum):
    """The guide's four kinds of migration; a file may be of several."""

    SCHEMA = "Schema"
    DATA = "Data"
    RLS = "RLS"
    FUNCTION = "Function"


@value(frozen=True, slots=True, order=True)
class Position:
    """A place in a text: ``line`` and ``column`` count from 1, ``offset`` counts characters from 0."""

    offset: int
    line: int
    column: int


@value(frozen=True, slots=True)
class RelationLock:
    """One relation that a statement locks, and what it does to it while it holds the lock.

    ``relation`` is qualified (``public.users``) and unquoted; ``rewrite`` means that the heap is written anew,
    ``scan`` that every row is read, ``index_build`` that at least one index is built or rebuilt.
    """

    relation: str
    mode: LockMode
    rewrite: bool = False
    scan: bool = False
    index_build: bool = False

    def to_json(self) -> dict[str, object]:
        """The ``relations`` entry of the machine output."""
        return {
            "name": self.relation,
            "lock": _PG_NAMES[self.mode],
            "rewrite": self.rewrite,
            "scan": self.scan,
        }


def strongest(locks: tuple[RelationLock, ...] | list[RelationLock]) -> LockMode | None:
    """The strongest mode among some locks, or None when there are none."""
    return max((lock.mode for lock in locks), default=None)


def merged(*groups: Iterable[RelationLock]) -> tuple[RelationLock, ...]:
    """Locks that are held together: the strongest of each relation, with what all of them do to it."""
    found: dict[str, RelationLock] = {}
    for lock in (lock for group in groups for lock in group):
        known = found.get(lock.relation, lock)
        found[lock.relation] = replace(
            max(known, lock, key=lambda item: item.mode),
            rewrite=known.rewrite or lock.rewrite,
            scan=known.scan or lock.scan,
            index_build=known.index_build or lock.index_build,
        )
    return tuple(found.values())
