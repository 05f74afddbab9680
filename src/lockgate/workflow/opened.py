"""A target as commands have it in hand: only looked at, or being changed."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lockgate.errors import HistoryError

if TYPE_CHECKING:
    import psycopg

    from lockgate.engine.runner import Runner
    from lockgate.engine.session import Session
    from lockgate.journal.history import History
    from lockgate.journal.reader import JournalReader
    from lockgate.journal.witness import Witness
    from lockgate.journal.writer import JournalWriter


@dataclass(frozen=True, slots=True)
class Sighting:
    """Something that is not as the last run has left it; a ``blocking`` one must not be passed over."""

    what: str
    why: str
    next_steps: tuple[str, ...] = ()
    blocking: bool = True

    def __str__(self) -> str:
        return f"{self.what} {self.why}"

    def to_json(self) -> dict[str, object]:
        """The sighting as the machine output has it."""
        return {
            "what": self.what,
            "why": self.why,
            "next": list(self.next_steps),
            "blocking": self.blocking,
        }

    @property
    def error(self) -> HistoryError:
        """The sighting as what stops a command."""
        return HistoryError(
            self.what, state="nothing was changed", why=self.why, next_steps=list(self.next_steps)
        )


@dataclass(frozen=True, slots=True)
class Reading:
    """A target that is only looked at."""

    session: Session
    journal: JournalReader
    history: History

    @property
    def connection(self) -> psycopg.Connection[Any]:
        """The connection of the session."""
        return self.session.connection


@dataclass(frozen=True, slots=True)
class Run:
    """A target that is being changed: the lease is ours until the block ends.

    ``witness`` is what the last run has left, ``sightings`` what was seen of it before this one began.
    """

    id: uuid.UUID
    kind: str
    session: Session
    journal: JournalWriter
    history: History
    runner: Runner
    witness: Witness
    sightings: tuple[Sighting, ...]

    @property
    def connection(self) -> psycopg.Connection[Any]:
        """The connection of the session; a new one after each reconnection."""
        return self.session.connection
