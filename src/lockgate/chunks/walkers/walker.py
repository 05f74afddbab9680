"""What a way to walk a table has to be able to do.

All SQL of a walk takes the same parameters, so that the client, the server's functions and pg_cron can run it alike:
``$1 text[]`` is the place behind which a chunk begins (NULL: at the start), ``$2 text[]`` the place with which it ends,
``$3`` the pass (in a chunk) or the wanted size (in a probe).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal, Protocol

from lockgate.chunks.table import Connection, Key, Table

Kind = Literal["update", "delete", "insert", "function"]


@dataclass(frozen=True, slots=True)
class Change:
    """What a statement does to the table that is walked.

    ``columns`` are those it sets, ``share`` the part of the rows that it changes (0 to 1), ``converges`` whether a row
    that was changed is not changed again when it is met twice, ``key`` the columns that the user wants to walk by.
    """

    kind: Kind
    columns: frozenset[str]
    share: float
    converges: bool
    key: tuple[str, ...] = ()
    walker: str | None = None


@dataclass(frozen=True, slots=True)
class Judgement:
    """Whether and how well a way fits: expected rows per second relative to one big statement, 0 when it cannot be."""

    walker: str
    speed: float
    reasons: tuple[str, ...]
    key: Key | None = None
    passes: int = 1


@dataclass(frozen=True, slots=True)
class Source:
    """The SQL to walk one relation; ``filenode`` is set where rows are found by place."""

    oid: int
    relation: str
    filenode: int | None
    predicate: str
    probe_sql: str
    last_sql: str
    key_sql: str


@dataclass(frozen=True, slots=True)
class Range:
    """A part of a relation: from behind ``start`` (None: the beginning) up to and with ``end``."""

    start: list[str] | None
    end: list[str]
    pass_number: int
    units: int


class Walker(Protocol):
    """One way to walk a table."""

    name: ClassVar[str]
    summary: ClassVar[str]

    def judge(self, table: Table, change: Change) -> Judgement:
        """Say how well it fits, and why."""

    def source(self, table: Table, judgement: Judgement, alias: str) -> Source:
        """The SQL for one relation; ``alias`` is the (quoted) name that the predicate uses for it."""

    def ranges(
        self, connection: Connection, table: Table, judgement: Judgement, parts: int
    ) -> tuple[Range, ...]:
        """Disjoint ranges that cover all that is in the relation now, in about ``parts`` parts."""

    def units(self, table: Table, judgement: Judgement, rows: int) -> int:
        """A number of rows in the unit in which this way measures the size of a chunk."""


def impossible(walker: str, reason: str) -> Judgement:
    """The judgement of a way that cannot be gone."""
    return Judgement(walker, 0.0, (reason,))
