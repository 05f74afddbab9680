"""The directives as values."""

from __future__ import annotations

from typing import Literal, TypeVar

from lockgate.errors import SourceError
from lockgate.types import Position
from lockgate.values import value

D = TypeVar("D", bound="Directive")

PhaseName = Literal["expand", "migrate", "contract"]


@value(frozen=True, slots=True)
class Directive:
    """One directive; ``statement`` is the index of the statement it belongs to, None when it is the file's."""

    position: Position
    statement: int | None


@value(frozen=True, slots=True)
class NoTransaction(Directive):
    """Run this file's statements one by one."""


@value(frozen=True, slots=True)
class Backfill(Directive):
    """Run the next UPDATE, DELETE or INSERT … SELECT in chunks.

    ``batch`` is the rows of a chunk, ``pause`` the seconds between two chunks, ``key`` the columns to walk along;
    None or empty leaves the choice to the backfill. ``further`` are the other options, as they are written.
    """

    batch: int | None = None
    pause: float | None = None
    key: tuple[str, ...] = ()
    further: tuple[tuple[str, str], ...] = ()

    @property
    def options(self) -> tuple[tuple[str, str], ...]:
        """What was asked for, as pairs of texts; durations are seconds."""
        given = {"batch": self.batch, "pause": self.pause, "key": ",".join(self.key) or None}
        return (*((name, str(value)) for name, value in given.items() if value is not None), *self.further)


@value(frozen=True, slots=True)
class Change(Directive):
    """This file is phase ``number`` of ``total`` of the change ``name``."""

    name: str
    number: int
    total: int
    phase: PhaseName


@value(frozen=True, slots=True)
class Gate(Directive):
    """Stop before this file until somebody opens the gate; ``text`` says what must be true first."""

    text: str


@value(frozen=True, slots=True)
class Irreversible(Directive):
    """There is no rollback, and why."""

    reason: str


@value(frozen=True, slots=True)
class Ignore(Directive):
    """Silence rules on one statement, and why."""

    rules: tuple[str, ...]
    reason: str


@value(frozen=True, slots=True)
class Allow(Directive):
    """Somebody may do more with a table or function than before, and why; ``commands`` in lower case."""

    who: str
    commands: tuple[str, ...]
    relation: str
    reason: str


@value(frozen=True, slots=True)
class Directives:
    """All directives of one file, in order, and the errors of those that cannot be read."""

    all: tuple[Directive, ...] = ()
    errors: tuple[SourceError, ...] = ()

    def of(self, kind: type[D]) -> tuple[D, ...]:
        """The directives of one kind."""
        # Most files have none, and every statement of them is asked about.
        return tuple(found for found in self.all if isinstance(found, kind)) if self.all else ()

    def first(self, kind: type[D]) -> D | None:
        """The first directive of a kind, or None."""
        return next(iter(self.of(kind)), None)

    def on(self, statement: int, kind: type[D]) -> tuple[D, ...]:
        """The directives of one kind that belong to one statement."""
        return tuple(found for found in self.of(kind) if found.statement == statement)
