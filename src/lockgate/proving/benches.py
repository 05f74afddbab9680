"""Where a trial is held: on a clone, as on a real target, or within one transaction that is taken back.

A transaction needs no clone and no new connections, which is several times faster, but it is not how migrations are
applied. So it may only say that all is well, and not even that when something could have leaked from one file into the
next; everything else is tried again on a clone.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final, Protocol

import psycopg

from lockgate.proving.ground import Connection, Ground
from lockgate.proving.piece import Piece
from lockgate.proving.playing import Failure, Played, Score, play
from lockgate.proving.rows.fill import Filler, count_rows
from lockgate.proving.state import State, observe, observe_clone
from lockgate.sql.identifiers import QualifiedName, quote
from lockgate.sql.queries import read as read_query

Profile = Mapping[str, str]
"""Settings that the owner of a database has when it logs in, where the superuser has others."""

_PACKAGE: Final = "lockgate.proving"


class Bench(Protocol):
    """A database where files are played and looked at."""

    def begin(self, source: State) -> State:
        """The state before anything; ``source`` is that of the database behind."""
        ...

    def play(self, piece: Score, *, measure: bool = False) -> Played:
        """Run a file as the owner would."""
        ...

    def look(self, before: State) -> State:
        """The state now; ``before`` is how it was last."""
        ...

    def write(self, tables: Collection[QualifiedName]) -> dict[QualifiedName, int]:
        """Write a few more rows into some tables, as an application would; how many each took."""
        ...

    def count(self, tables: Collection[QualifiedName]) -> dict[QualifiedName, int]:
        """How many rows those of some tables have that are still there."""
        ...


@dataclass(frozen=True, slots=True)
class CloneBench:
    """A clone with two connections: the owner's to act, the superuser's to look."""

    owner: Connection
    admin: Connection

    def begin(self, source: State) -> State:
        """See :class:`Bench`."""
        return observe_clone(self.admin, source)

    def play(self, piece: Score, *, measure: bool = False) -> Played:
        """See :class:`Bench`."""
        return play(self.owner, piece, measure=measure)

    def look(self, before: State) -> State:
        """See :class:`Bench`."""
        return observe(self.admin, before)

    def write(self, tables: Collection[QualifiedName]) -> dict[QualifiedName, int]:
        """See :class:`Bench`."""
        return Filler().add(self.admin, tables)

    def count(self, tables: Collection[QualifiedName]) -> dict[QualifiedName, int]:
        """See :class:`Bench`."""
        return count_rows(self.admin, tables)


class LeakError(Exception):
    """Something of one file would have reached the next within the same transaction."""


@dataclass(slots=True)
class TransactionBench:
    """One transaction of the superuser's, in which files run under the owner's name and settings."""

    connection: Connection
    owner: str
    profile: Profile
    _session: tuple[object, ...] = field(default=())

    def begin(self, source: State) -> State:
        """See :class:`Bench`."""
        self._session = self._look_at_session()
        return source

    def play(self, piece: Score, *, measure: bool = False) -> Played:
        """See :class:`Bench`; raises LeakError."""
        self._become_owner()
        played = play(self.connection, piece, measure=measure, fresh=False)
        failure = played.failure or self._check_deferred()
        self.connection.execute("SET LOCAL SESSION AUTHORIZATION DEFAULT; RESET ALL")
        if self._look_at_session() != self._session:
            raise LeakError
        return Played(played.seconds, played.warnings, played.measured, failure)

    def look(self, before: State) -> State:
        """See :class:`Bench`."""
        return observe(self.connection, before)

    def write(self, tables: Collection[QualifiedName]) -> dict[QualifiedName, int]:
        """See :class:`Bench`."""
        with self.connection.transaction():
            written = Filler().add(self.connection, tables)
            self.connection.execute("RESET ALL")
        return written

    def count(self, tables: Collection[QualifiedName]) -> dict[QualifiedName, int]:
        """See :class:`Bench`."""
        return count_rows(self.connection, tables)

    def _become_owner(self) -> None:
        """The owner as it would log in: nothing that an earlier file has set is left."""
        self.connection.execute("RESET ALL")
        for name, value in self.profile.items():
            self.connection.execute("SELECT set_config(%s, %s, true)", (name, value))
        self.connection.execute(f"SET LOCAL SESSION AUTHORIZATION {quote(self.owner)}")

    def _check_deferred(self) -> Failure | None:
        """What a COMMIT would check now."""
        try:
            with self.connection.transaction():
                self.connection.execute("SET CONSTRAINTS ALL IMMEDIATE")
        except psycopg.Error as error:
            return Failure(error.diag.message_primary or str(error), sqlstate=error.sqlstate)
        return None

    def _look_at_session(self) -> tuple[object, ...]:
        row = self.connection.execute(read_query(_PACKAGE, "session")).fetchone()
        return tuple(row or ())


@contextmanager
def on_clone(ground: Ground, database: str) -> Iterator[CloneBench]:
    """A clone of a database that nobody is connected to, for a while."""
    with (
        ground.throwaway(database) as name,
        ground.as_owner(name) as owner,
        ground.as_admin(name) as admin,
    ):
        yield CloneBench(owner, admin)


@contextmanager
def in_transaction(connection: Connection, owner: str, profile: Profile) -> Iterator[TransactionBench]:
    """A transaction of a superuser's connection, taken back at the end."""
    connection.execute("SELECT pg_stat_force_next_flush()")
    with connection.transaction(force_rollback=True):
        yield TransactionBench(connection, owner, profile)


def read_profile(owner: Connection, admin: Connection) -> Profile:
    """How the owner's settings differ from the superuser's."""
    query = read_query(_PACKAGE, "settings")
    own, other = (dict(connection.execute(query).fetchall()) for connection in (owner, admin))
    return {name: value for name, value in own.items() if other.get(name) != value}


_ON_TIME: Final = re.compile(
    r"\bnow\s*\(|\bcurrent_(date|time|timestamp)\b|\blocaltime|transaction_timestamp|statement_timestamp"
    r"|\btxid_|\bpg_current_xact|\bxmin\b|'(now|today|tomorrow|yesterday)'",
    re.IGNORECASE,
)


_OWN_SESSION: Final = frozenset({"DiscardStmt", "ListenStmt", "LoadStmt"})
_WHO: Final = frozenset({"role", "session_authorization", "TRANSACTION", "SESSION CHARACTERISTICS"})


def may_share_a_transaction(piece: Piece) -> bool:
    """Whether both files of a migration end the same way within one transaction as in their own.

    Not so for files with transactions of their own, for those that change who they are, and for a rollback that asks
    for the time, which stands still within a transaction.
    """
    if piece.is_shared or not _is_simple(piece.forth):
        return False
    return piece.back is None or (_is_simple(piece.back) and not _ON_TIME.search(piece.back.file.text))


def _is_simple(score: Score) -> bool:
    if not score.in_one_transaction:
        return False
    return not any(
        statement.kind in _OWN_SESSION
        or (statement.kind == "VariableSetStmt" and statement.tree.get("name") in _WHO)
        for statement in score.file.script.statements
    )
