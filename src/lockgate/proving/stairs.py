"""The staircase: down from a level through every rollback, each landing compared with the way up, and up again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from lockgate.catalog.reading.again import Seen, see
from lockgate.catalog.scope import OWN_SCHEMA
from lockgate.local.flavours import Flavour
from lockgate.proving.comparing import differences
from lockgate.proving.ground import Connection, Ground, open_ground
from lockgate.proving.piece import Piece
from lockgate.proving.playing import play
from lockgate.proving.rows.fill import Filler
from lockgate.proving.state import SCOPE


@dataclass(frozen=True, slots=True)
class Landing:
    """One level that was not reached as it was left: the rollback (or the migration, on the way up) and why."""

    version: str
    way: str
    problem: str

    def to_json(self) -> dict[str, Any]:
        """The machine form."""
        return {"version": self.version, "way": self.way, "problem": self.problem}


@dataclass(slots=True)
class Stairs:
    """One flight of stairs: the versions at its ends, how many steps were done, what was wrong on the landings."""

    top: str
    bottom: str
    steps: int
    down: int = 0
    up: int = 0
    landings: list[Landing] = field(default_factory=list)

    @property
    def is_sound(self) -> bool:
        """Whether every landing was as it should be."""
        return not self.landings

    def to_json(self) -> dict[str, Any]:
        """The machine form."""
        return {
            "top": self.top,
            "bottom": self.bottom,
            "steps": self.steps,
            "down": self.down,
            "up": self.up,
            "sound": self.is_sound,
            "landings": [landing.to_json() for landing in self.landings],
        }


def flights(pieces: Sequence[Piece]) -> list[range]:
    """Runs of at least two neighbouring migrations that all have a rollback, as indexes from bottom to top."""
    found: list[range] = []
    start = 0
    for index in range(len(pieces) + 1):
        if index == len(pieces) or not _has_way_back(pieces[index]):
            if index - start > 1:
                found.append(range(start, index))
            start = index + 1
    return found


def climb(ground: Ground, database: str, pieces: Sequence[Piece], levels: Sequence[Seen]) -> Stairs:
    """Walk down and up again in a clone of its own.

    ``levels`` has the schema before each of the pieces, and after the last one, where the clone stands.
    """
    stairs = Stairs(pieces[-1].version, pieces[0].version, len(pieces))
    with ground.as_owner(database) as owner, ground.as_admin(database) as admin:
        climber = _Climber(owner, admin, pieces, levels, stairs)
        if climber.down():
            climber.up()
    return stairs


def climb_apart(
    flavour: Flavour, major: int, below: Sequence[Piece], pieces: Sequence[Piece], rows: int
) -> Stairs:
    """The same on a server of its own, where no other database keeps a role alive that a rollback drops."""
    with open_ground(flavour, major) as ground:
        name = ground.clone()
        levels: list[Seen] = []
        with ground.as_owner(name) as owner, ground.as_admin(name) as admin:
            for piece in below:
                play(owner, piece.forth)
            for piece in pieces:
                levels.append(see(admin, SCOPE, levels[-1] if levels else None))
                play(owner, piece.forth)
            if rows:
                Filler(rows=rows, excluded=(OWN_SCHEMA,)).fill(admin)
            levels.append(see(admin, SCOPE, levels[-1]))
        return climb(ground, name, pieces, levels)


class _Climber:
    def __init__(
        self,
        owner: Connection,
        admin: Connection,
        pieces: Sequence[Piece],
        levels: Sequence[Seen],
        stairs: Stairs,
    ) -> None:
        self._owner = owner
        self._admin = admin
        self._pieces = pieces
        self._levels = levels
        self._stairs = stairs
        self._now = levels[-1]
        self._seen: set[str] = set()

    def down(self) -> bool:
        """Every rollback, the last migration's first; False when one of them fails."""
        for index in reversed(range(len(self._pieces))):
            piece = self._pieces[index]
            assert piece.back is not None
            played = play(self._owner, piece.back)
            if played.failure is not None:
                self._note(piece, "down", f"the rollback fails: {played.failure}")
                return False
            self._stairs.down += 1
            self._land(piece, "down", self._levels[index])
        return True

    def up(self) -> None:
        """Every migration again, then one look at the top."""
        for piece in self._pieces:
            played = play(self._owner, piece.forth)
            if played.failure is not None:
                self._note(piece, "up", f"it does not apply again: {played.failure}")
                return
            self._stairs.up += 1
        self._land(self._pieces[-1], "up", self._levels[-1])

    def _land(self, piece: Piece, way: str, wanted: Seen) -> None:
        """Note the differences that no landing above had; those of above are still there, and are not repeated."""
        self._now = see(self._admin, SCOPE, self._now)
        for item in differences(wanted.snapshot, self._now.snapshot).without_order:
            if str(item) not in self._seen:
                self._seen.add(str(item))
                self._note(piece, way, str(item))

    def _note(self, piece: Piece, way: str, problem: str) -> None:
        self._stairs.landings.append(Landing(piece.version, way, problem))


def _has_way_back(piece: Piece) -> bool:
    return piece.back is not None and piece.back.plan is not None and piece.forth.plan is not None
