"""Takes a throwaway database from phase to phase and tries the application's queries at every halt."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Final

import psycopg

from lockgate.migration.directives import Change, Gate
from lockgate.proving.application.exposure import Offer, offered
from lockgate.proving.application.parameters import Values
from lockgate.proving.application.query import Application, Grade, Outcome, Query
from lockgate.proving.application.trying import SIMPLE, Trier, is_refused, prepare
from lockgate.proving.ground import Connection, Ground
from lockgate.proving.piece import Piece
from lockgate.proving.trunk import Trunk


@dataclass(frozen=True, slots=True)
class Halt:
    """The database after one phase, in the eyes of the application.

    ``gate`` is what had to be true before the phase, ``change`` the name of the change that it is part of; ``stale``
    are the queries that work and whose prepared statements of before are refused; ``failure`` says why the phase could
    not be carried out, and then nothing was tried.
    """

    label: str
    title: str
    gate: str | None = None
    change: str | None = None
    outcomes: Mapping[Query, Outcome] = field(default_factory=dict)
    stale: tuple[Query, ...] = ()
    offer: Offer = frozenset()
    failure: str | None = None


START: Final = "before"

Tell = Callable[[Halt], None]


def follow(
    trunk: Trunk, earlier: Sequence[Piece], pieces: Sequence[Piece], application: Application, tell: Tell
) -> tuple[Halt, ...]:
    """Halt before the first of some pieces and after each of them; ``earlier`` ones are gone through without a halt.

    The first piece that cannot be carried out is the last halt.
    """
    follower = _Follower(trunk, application)
    for piece in earlier:
        trunk.advance(piece)
    halts = [follower.look(Halt(START, "as it is now"))]
    tell(halts[0])
    for piece in pieces:
        halts.append(follower.after(piece))
        tell(halts[-1])
        if halts[-1].failure is not None:
            break
    return tuple(halts)


class _Follower:
    """Goes along with a trunk: one connection to look, and one that keeps its prepared statements like a pool does."""

    def __init__(self, trunk: Trunk, application: Application) -> None:
        self._trunk = trunk
        self._application = application
        self._queries = (*application.queries, *application.new_queries)
        self._trier = Trier(Values(application.actor))
        self._outcomes: Mapping[Query, Outcome] = {}

    @property
    def _ground(self) -> Ground:
        return self._trunk.ground

    def after(self, piece: Piece) -> Halt:
        """Carry out a piece and look."""
        halt = Halt(
            piece.migration.label, piece.migration.name.replace("_", " "), _gate(piece), _change(piece)
        )
        with self._pool() as (pool, names):
            played = self._trunk.advance(piece)
            if played.failure is not None:
                return _with(halt, failure=str(played.failure))
            refused = tuple(self._refused(pool, names))
        found = self.look(halt)
        # What fails for everybody is not the fault of having been prepared.
        stale = tuple(query for query in refused if found.outcomes[query].grade is Grade.RUNS)
        return _with(found, stale=stale)

    def look(self, halt: Halt) -> Halt:
        """Try everything as it is now."""
        with self._ground.as_admin(self._trunk.rich) as admin:
            found = self._trier.try_all(admin, self._queries)
            for query, outcome in found.items():
                # Rows may have come and gone: with others it may do as well as before.
                if outcome.grade is Grade.PREPARES:
                    found[query] = self._trier.again(admin, query)
            offer = offered(admin, self._application.schemas, self._application.roles)
        self._outcomes = found
        return _with(halt, outcomes=found, offer=offer)

    @contextmanager
    def _pool(self) -> Iterator[tuple[Connection, dict[bytes, Query]]]:
        """A connection on which every query that runs is prepared."""
        with self._ground.as_admin(self._trunk.rich) as pool:
            names = {f"q{number}".encode(): query for number, query in enumerate(self._queries)}
            yield pool, {name: query for name, query in names.items() if self._prepared(pool, query, name)}

    def _prepared(self, pool: Connection, query: Query, name: bytes) -> bool:
        outcome = self._outcomes.get(query)
        if outcome is None or outcome.grade is not Grade.RUNS or query.kind in SIMPLE:
            return False
        with self._trier.as_sender(pool, query):
            prepare(pool, query, name)
        return True

    def _refused(self, pool: Connection, names: Mapping[bytes, Query]) -> Iterator[Query]:
        for name, query in names.items():
            try:
                values = self._trier.values.chosen(query)
                with self._trier.as_sender(pool, query):
                    if is_refused(pool, name, values):
                        yield query
            except psycopg.OperationalError:
                # The database was made anew without its rows: nobody's connection would be left either.
                return


def _with(halt: Halt, **changes: Any) -> Halt:
    return replace(halt, **changes)


def _gate(piece: Piece) -> str | None:
    texts = [found.text for found in piece.forth.file.directives.of(Gate)]
    return "; ".join(texts) or None


def _change(piece: Piece) -> str | None:
    found = piece.forth.file.directives.first(Change)
    return found.name if found is not None else None
