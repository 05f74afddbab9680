"""What a rollback does when it is run by itself after all later migrations."""

from __future__ import annotations

from dataclasses import dataclass

from lockgate.catalog.address import Address
from lockgate.catalog.reading.again import Seen, see
from lockgate.proving.ground import Ground
from lockgate.proving.piece import Piece
from lockgate.proving.playing import play
from lockgate.proving.result import Later
from lockgate.proving.state import SCOPE
from lockgate.proving.trial import Trial


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


def try_alone(ground: Ground, database: str, now: Seen, piece: Piece, memory: Memory) -> Later:
    """Run a rollback on a clone of the database as it is after everything. Nobody may be connected to that."""
    assert piece.back is not None
    with ground.throwaway(database) as name, ground.as_admin(name) as admin:
        with ground.as_owner(name) as owner:
            played = play(owner, piece.back)
        if played.failure is not None:
            return Later(refusal=str(played.failure))
        left = see(admin, SCOPE, now).snapshot.objects
    taken = (address for address in now.snapshot.objects if address not in left)
    return Later(takes=tuple(sorted(str(address) for address in taken if address not in memory.removed)))
