"""The history on its way up: two databases that move from one migration to the next, one with generated rows.

``bare`` holds what the migrations put into it and nothing else: where a migration fails, it is decided here whether it
is to blame. ``rich`` holds the project's seed and generated rows besides, which go through every migration as real ones
would. Where a migration does not bear them, ``rich`` is made anew from ``bare`` behind it.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Final

from lockgate.catalog.scope import OWN_SCHEMA, SUPABASE_SCHEMAS
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
    """Both databases of one worker. Between two calls nobody is connected to them but through here.

    ``given`` tells that they come from a dump and have rows of their own; generated ones are then only added to them.
    """

    ground: Ground
    rows: int = ROWS
    seeds: Seeds = field(default_factory=Seeds)
    given: bool = False
    unfilled: dict[QualifiedName, str] = field(default_factory=dict)
    rich: str = ""
    _bare: str = ""
    _filler: Filler = field(default_factory=Filler)
    _open: dict[tuple[str, bool], Connection] = field(default_factory=dict)
    _states: dict[str, State] = field(default_factory=dict)
    _current: set[str] = field(default_factory=set)
    _behind: list[Piece] = field(default_factory=list)
    _profile: Profile | None = None

    @property
    def bare(self) -> str:
        """The database without rows, up to date and ready to be cloned."""
        self._catch_up()
        self._let_go_of(self._bare)
        return self._bare

    @property
    def has_rows(self) -> bool:
        """Whether there is anything to lose in the database with rows."""
        return bool(self.rows or self.seeds or self.given)

    def begin(self, source: str = PRISTINE) -> None:
        """Make both databases from a template."""
        self._bare = self.ground.clone(source)
        self._renew()

    def advance(self, piece: Piece) -> Played:
        """Take both databases over one migration.

        What comes back is how it went: with generated rows where it bears them, else without. The database without
        rows only follows when it is asked for.
        """
        self._current.clear()
        self._behind.append(piece)
        played = None if piece.is_shared else self._play(self.rich, piece)
        if played is not None and played.ok:
            self._fill()
            return played
        played = self._catch_up()
        if played.ok:
            self._renew()
        return played

    def _catch_up(self) -> Played:
        """Take the database without rows to where the other one is; how the last migration went there."""
        played = Played(0.0)
        for piece in self._behind:
            played = self._play(self._bare, piece)
        self._behind.clear()
        return played

    def look(self, *, rich: bool = True) -> State:
        """The state of one of the databases; only what changed since the last look is read."""
        if not rich:
            self._catch_up()
        name = self.rich if rich else self._bare
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
        for database in (self.rich, self._bare):
            self._let_go_of(database)

    def _let_go_of(self, database: str) -> None:
        for admin in (False, True):
            connection = self._open.pop((database, admin), None)
            if connection is not None:
                connection.close()

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
        platform = SUPABASE_SCHEMAS if self.ground.flavour.tailored else ()
        for item in filled:
            if item.reason is not None and item.table.schema not in platform:
                self.unfilled[item.table] = item.reason
            else:
                self.unfilled.pop(item.table, None)

    def _connection(self, database: str, *, admin: bool) -> Connection:
        key = (database, admin)
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
