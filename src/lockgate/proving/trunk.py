"""The history on its way up: two databases that move from one migration to the next, one with generated rows.

``bare`` holds what the migrations put into it and nothing else: whether a migration applies is decided here. ``rich``
holds the project's seed and generated rows besides, which go through every migration as real ones would. Where a
migration does not bear them, ``rich`` is made anew from ``bare`` behind it.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Final

from lockgate.catalog.scope import OWN_SCHEMA
from lockgate.local import roles
from lockgate.local.flavours import PRISTINE
from lockgate.proving.benches import Profile, TransactionBench, in_transaction, read_profile
from lockgate.proving.ground import Connection, Ground
from lockgate.proving.piece import Piece
from lockgate.proving.playing import Played, play
from lockgate.proving.rows.compose import Manner
from lockgate.proving.rows.fill import ROWS, Filled, Filler
from lockgate.proving.seeding import Seeds
from lockgate.proving.state import State, observe, observe_clone
from lockgate.proving.trial import move_on
from lockgate.sql.identifiers import QualifiedName

_NOT_OURS: Final = (OWN_SCHEMA,)
"""What rollbacks keep lies there; a generated row among it would come back as if it had been there."""


@dataclass(slots=True)
class Trunk:
    """Both databases of one worker. Between two calls nobody is connected to them but through here."""

    ground: Ground
    rows: int = ROWS
    seeds: Seeds = field(default_factory=Seeds)
    unfilled: dict[QualifiedName, str] = field(default_factory=dict)
    bare: str = ""
    rich: str = ""
    _filler: Filler = field(default_factory=Filler)
    _open: dict[str, Connection] = field(default_factory=dict)
    _states: dict[str, State] = field(default_factory=dict)
    _current: set[str] = field(default_factory=set)
    _profile: Profile | None = None

    def begin(self, source: str = PRISTINE) -> None:
        """Make both databases from a template."""
        self.bare = self.ground.clone(source)
        self._renew()

    def advance(self, piece: Piece) -> Played:
        """Take both databases over one migration; what comes back is how it went without generated rows."""
        self._current.clear()
        played = self._play(self.bare, piece)
        if not played.ok:
            return played
        if piece.is_shared or not self._play(self.rich, piece).ok:
            self._renew()
        else:
            self._fill()
        return played

    def look(self, *, rich: bool = True) -> State:
        """The state of one of the databases; only what changed since the last look is read."""
        name = self.rich if rich else self.bare
        if name not in self._current:
            self._states[name] = observe(self._connection(name, admin=True), self._states.get(name))
            self._current.add(name)
        return self._states[name]

    def with_plain_rows(self) -> tuple[str, State]:
        """A new database with ordinary rows instead of hostile ones, to be dropped by the caller, and its state."""
        state = self.look(rich=False)
        self.let_go()
        name = self.ground.clone(self.bare)
        with self.ground.as_admin(name) as admin:
            Filler(Manner.PLAIN, self.rows, _NOT_OURS).fill(admin)
            return name, observe_clone(admin, state)

    def transaction(self) -> AbstractContextManager[TransactionBench]:
        """A transaction on the database with rows, to try something in that leaves no trace."""
        if self._profile is None:
            owner, admin = (self._connection(self.rich, admin=who) for who in (False, True))
            self._profile = read_profile(owner, admin)
        admin = self._connection(self.rich, admin=True)
        return in_transaction(admin, self.ground.flavour.owner, self._profile)

    def move_sequences(self) -> None:
        """Move sequences that were never used off their beginning, in the database with rows."""
        move_on(self._connection(self.rich, admin=True))
        self._current.discard(self.rich)

    def let_go(self) -> None:
        """Close every connection, so that the databases can be cloned."""
        for connection in self._open.values():
            connection.close()
        self._open.clear()

    def _play(self, database: str, piece: Piece) -> Played:
        return play(self._connection(database, admin=False), piece.forth)

    def _renew(self) -> None:
        state = self.look(rich=False)
        self.let_go()
        if self.rich:
            self.ground.drop(self.rich)
            self._states.pop(self.rich, None)
        self.rich = self.ground.clone(self.bare)
        self._states[self.rich] = state.in_clone()
        self._profile = None
        self._filler = Filler(Manner.HOSTILE, self.rows, _NOT_OURS)
        self.seeds.forget()
        self._fill()

    def _fill(self) -> None:
        if self.seeds:
            self.seeds.plant(self._connection(self.rich, admin=False))
        if self.rows:
            self._note(self._filler.fill(self._connection(self.rich, admin=True)))

    def _note(self, filled: tuple[Filled, ...]) -> None:
        for item in filled:
            if item.reason is not None:
                self.unfilled[item.table] = item.reason
            else:
                self.unfilled.pop(item.table, None)

    def _connection(self, database: str, *, admin: bool) -> Connection:
        key = f"{database} {admin}"
        if key not in self._open or self._open[key].closed:
            make = self.ground.as_admin if admin else self.ground.as_owner
            self._open[key] = make(database)
        return self._open[key]


class SharedThings:
    """Puts the roles of a server back as they were, around a piece that changes them."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._before = roles.capture(ground.maintenance)

    def restore(self) -> None:
        """Drop what is new and alter what is changed; databases that need a new role must be gone by now."""
        roles.restore(self._ground.maintenance, self._before)
