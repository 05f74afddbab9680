"""Takes a throwaway database from phase to phase and tries the application's queries at every halt."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Final

import psycopg

from lockgate.migration.directives import Change, Gate
from lockgate.proving.application.exposure import Offer, offered
from lockgate.proving.application.parameters import Values
from lockgate.proving.application.query import Application, Grade, Outcome, Query
from lockgate.proving.application.trying import SIMPLE, Trier
from lockgate.proving.ground import Connection
from lockgate.proving.piece import Piece
from lockgate.proving.trunk import Trunk
from lockgate.sql.queries import read as read_query


@dataclass(frozen=True, slots=True)
class Halt:
    """The database after one phase, in the eyes of the application.

    ``gate`` is what had to be true before the phase, ``change`` the name of the change that it is part of, ``phase``
    its kind (``expand``, ``migrate``, ``contract``). ``stale`` are the queries that work and whose prepared statements
    are refused since; ``strangers`` are roles that send queries and that nobody has made. ``failure`` says why the
    phase could not be carried out, and then nothing was tried.
    """

    label: str
    title: str
    gate: str | None = None
    change: str | None = None
    phase: str | None = None
    outcomes: Mapping[Query, Outcome] = field(default_factory=dict)
    stale: tuple[Query, ...] = ()
    offer: Offer = field(default_factory=Offer)
    strangers: tuple[str, ...] = ()
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
        self._trier = Trier(Values(application.actor), trunk.ground.flavour.owner)
        self._outcomes: Mapping[Query, Outcome] = {}

    def after(self, piece: Piece) -> Halt:
        """Carry out a piece and look."""
        halt = _halt(piece)
        with self._pool() as (pool, names):
            played = self._trunk.advance(piece)
            if played.failure is not None:
                return replace(halt, failure=str(played.failure))
            refused = tuple(self._refused(pool, names))
        found = self.look(halt)
        # What fails for everybody is not the fault of having been prepared.
        stale = tuple(query for query in refused if _is_alive(found.outcomes[query]))
        return replace(found, stale=stale)

    def look(self, halt: Halt) -> Halt:
        """Try everything as it is now."""
        with self._connect() as admin:
            found = self._trier.try_all(admin, self._queries)
            for query, outcome in found.items():
                # Rows may have come and gone: with others it may do as well as before.
                if outcome.grade is Grade.PREPARES and not outcome.is_held_back:
                    found[query] = self._trier.again(admin, query)
            offer = offered(admin, self._application.schemas, self._application.roles)
        self._outcomes = found
        roles = sorted({query.role for query in self._queries if query.role is not None})
        strangers = tuple(role for role in roles if not self._trier.knows(role))
        return replace(halt, outcomes=found, offer=offer, strangers=strangers)

    @contextmanager
    def _connect(self) -> Iterator[Connection]:
        """A connection to try queries on; foreign tables, which lie on other servers, are out of its reach."""
        with self._trunk.ground.as_admin(self._trunk.rich) as connection:
            connection.execute(read_query("lockgate.proving", "stay_here"))
            yield connection

    @contextmanager
    def _pool(self) -> Iterator[tuple[Connection, dict[bytes, Query]]]:
        """A connection on which every query that runs is prepared."""
        with self._connect() as pool:
            names = {f"q{number}".encode(): query for number, query in enumerate(self._queries)}
            yield pool, {name: query for name, query in names.items() if self._prepared(pool, query, name)}

    def _prepared(self, pool: Connection, query: Query, name: bytes) -> bool:
        outcome = self._outcomes.get(query)
        if outcome is None or not _is_alive(outcome) or query.kind in SIMPLE:
            return False
        with self._trier.as_sender(pool, query):
            self._trier.prepare(pool, query, name)
        return True

    def _refused(self, pool: Connection, names: Mapping[bytes, Query]) -> Iterator[Query]:
        for name, query in names.items():
            try:
                if self._trier.is_refused(pool, query, name):
                    yield query
            except psycopg.OperationalError:
                # The database was made anew without its rows: nobody's connection would be left either.
                return


def _is_alive(outcome: Outcome) -> bool:
    return outcome.grade is Grade.RUNS or outcome.is_held_back


def _halt(piece: Piece) -> Halt:
    """Where a piece ends, before anything is known of it."""
    directives = piece.forth.file.directives
    gate = "; ".join(found.text for found in directives.of(Gate)) or None
    change = directives.first(Change)
    name, phase = (change.name, change.phase) if change is not None else (None, None)
    return Halt(piece.migration.label, piece.migration.name.replace("_", " "), gate, name, phase)
