"""What a rollback does when it is run by itself after all later migrations."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lockgate.catalog.address import Address
from lockgate.catalog.reading.again import Seen, see
from lockgate.proving.ground import Connection, Ground
from lockgate.proving.piece import Piece
from lockgate.proving.playing import Played, play
from lockgate.proving.result import Later
from lockgate.proving.state import SCOPE
from lockgate.proving.trial import Trial
from lockgate.sql.queries import read as read_query


@dataclass(frozen=True, slots=True)
class Memory:
    """What is kept of a trial for later: which objects its rollback took away right after the migration."""

    removed: frozenset[Address]


def remember(trial: Trial) -> Memory | None:
    """The memory of a trial whose rollback ran; None otherwise."""
    if trial.applied is None or trial.undone_state is None:
        return None
    there, left = trial.applied.schema.objects, trial.undone_state.schema.objects
    return Memory(frozenset(address for address in there if address not in left))


class LastState:
    """The database after everything, on which rollbacks are tried alone; each try leaves it as it was.

    Nobody else may be connected to the database.
    """

    def __init__(self, ground: Ground, database: str, now: Seen) -> None:
        self._ground = ground
        self._database = database
        self._now = now
        self._connection: Connection | None = None
        self._oids = {item.oid: address for address, item in now.snapshot.objects.items() if item.oid}

    def try_alone(self, piece: Piece, memory: Memory) -> Later:
        """Run a rollback: in a transaction that is taken back where that is enough, else on a clone."""
        assert piece.back is not None
        if piece.back.in_one_transaction:
            played, gone = self._in_transaction(self._owner(), piece)
            if played.failure is not None:
                return Later(refusal=str(played.failure))
            if not gone - memory.removed:
                return Later()
        return self._on_clone(piece, memory)

    def close(self) -> None:
        """Let go of the database."""
        if self._connection is not None:
            self._connection.close()

    def _owner(self) -> Connection:
        if self._connection is None or self._connection.closed:
            self._connection = self._ground.as_owner(self._database)
        return self._connection

    def _in_transaction(self, connection: Connection, piece: Piece) -> tuple[Played, frozenset[Address]]:
        """How it went, and the objects whose oid is gone: dropped, or made anew under the same name."""
        assert piece.back is not None
        with connection.transaction(force_rollback=True):
            played = play(connection, piece.back, fresh=False)
            return played, frozenset(self._gone(connection) if played.ok else ())

    def _gone(self, connection: Connection) -> Iterator[Address]:
        rows = connection.execute(read_query("lockgate.proving", "oids")).fetchall()
        there = {oid for (oid,) in rows}
        return (address for oid, address in self._oids.items() if oid >= 16384 and oid not in there)

    def _on_clone(self, piece: Piece, memory: Memory) -> Later:
        assert piece.back is not None
        self.close()
        with self._ground.throwaway(self._database) as name, self._ground.as_admin(name) as admin:
            with self._ground.as_owner(name) as owner:
                played = play(owner, piece.back)
            if played.failure is not None:
                return Later(refusal=str(played.failure))
            left = see(admin, SCOPE, self._now).snapshot.objects
        taken = (address for address in self._now.snapshot.objects if address not in left)
        return Later(takes=tuple(sorted(str(address) for address in taken if address not in memory.removed)))
