"""What a throttle signal is: one thing on the server that tells when to go slower."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

from lockgate.chunks.limits import Limits
from lockgate.chunks.table import Connection
from lockgate.sql import queries


@dataclass(frozen=True, slots=True)
class Reading:
    """How near a limit is: ``pressure`` 0 is far, 1 is at the limit; ``detail`` says what was seen, with units."""

    pressure: float
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Situation:
    """What a signal may ask: a connection of its own, the tables that are walked, our backends, and the limits."""

    connection: Connection
    tables: tuple[int, ...]
    owners: tuple[int, ...]
    limits: Limits
    major: int
    now: float

    def row(self, query: str, **values: Any) -> tuple[Any, ...]:
        """The one row of ``queries/signal_<query>.sql``."""
        row = self.connection.execute(
            queries.read("lockgate.chunks", f"signal_{query}"),
            {"tables": list(self.tables), "pids": list(self.owners), **values},
        ).fetchone()
        assert row is not None
        return tuple(row)


class UnreadableError(Exception):
    """A signal cannot be read; the walk stops until it can, or until the user says not to look at it."""


class Signal(Protocol):
    """One thing to look at. An instance lives as long as one worker and may remember what it saw before."""

    name: ClassVar[str]
    summary: ClassVar[str]

    def read(self, situation: Situation) -> Reading:
        """Look once; raises UnreadableError or psycopg.Error, and both mean stop."""
