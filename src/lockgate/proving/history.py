"""Walks the history of a project and proves its migrations; several workers may do so side by side.

Every worker takes databases of its own over every migration, which costs little, and proves those that no other worker
has claimed before it came to them. So nobody waits for anybody, however long single migrations take.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from lockgate.catalog.reading.again import Seen
from lockgate.local.flavours import Flavour
from lockgate.migration.model import Migration
from lockgate.proving.dumps import Dump, Restored, restore
from lockgate.proving.ground import Ground, open_ground
from lockgate.proving.later import LastState, Memory, remember
from lockgate.proving.piece import Piece, prepare_all
from lockgate.proving.prove import prove
from lockgate.proving.result import Later, Proof
from lockgate.proving.rows.fill import ROWS
from lockgate.proving.seeding import Seeds
from lockgate.proving.stairs import Stairs, climb, climb_apart, flights
from lockgate.proving.trunk import Trunk

Claim = Callable[[str], bool]
"""Asks for a piece of work; true for the first who asks."""

Tell = Callable[[str, Any], None]
"""Hands a result over: what it is about, and the value."""


@dataclass(frozen=True, slots=True)
class Order:
    """What to prove and how; ``versions`` is None for all, ``rows`` the number of rows for each empty table.

    With a ``dump`` the history begins where the dump stands.
    """

    versions: frozenset[str] | None = None
    rows: int = ROWS
    staircase: bool = True
    later: bool = True
    dump: Dump | None = None

    def wants(self, migration: Migration) -> bool:
        """Whether a migration is to be proved."""
        return self.versions is None or migration.version in self.versions


@dataclass(slots=True)
class Findings:
    """All results of a run, as they come in. ``unfilled`` gives tables without rows the reason."""

    proofs: dict[str, Proof] = field(default_factory=dict)
    later: dict[str, Later] = field(default_factory=dict)
    stairs: list[Stairs] = field(default_factory=list)
    unfilled: dict[str, str] = field(default_factory=dict)
    restored: Restored | None = None

    def take(self, topic: str, value: Any) -> None:
        """Keep one result."""
        match topic:
            case "proof":
                self.proofs[value.version] = value
            case "later":
                self.later[value[0]] = value[1]
            case "stairs":
                self.stairs.append(value)
            case "unfilled":
                self.unfilled.update(value)
            case "restored":
                self.restored = value

    def in_order(self, migrations: Sequence[Migration]) -> list[Proof]:
        """The proofs in the order of the history, each with what was found about it later."""
        known = (self.proofs.get(migration.version) for migration in migrations)
        return [replace(proof, later=self.later.get(proof.version)) for proof in known if proof is not None]


def claim_all() -> Claim:
    """The claims of a worker that is alone."""
    taken: set[str] = set()

    def claim(what: str) -> bool:
        is_new = what not in taken
        taken.add(what)
        return is_new

    return claim


def walk(
    flavour: Flavour,
    major: int | None,
    migrations: Sequence[Migration],
    order: Order,
    claim: Claim,
    tell: Tell,
    seeds: Seeds | None = None,
) -> None:
    """One worker's way. Raises LocalServerError when its server does not come up."""
    with open_ground(flavour, major) as ground:
        trunk = Trunk(ground, order.rows, seeds or Seeds(), given=order.dump is not None)
        pieces = prepare_all(migrations, ground)
        if order.dump is None:
            trunk.begin()
        else:
            restored = restore(ground, order.dump, [migration.version for migration in migrations])
            tell("restored", restored)
            pieces = [piece for piece in pieces if piece.version not in restored.applied]
            trunk.begin(restored.database)
            ground.drop(restored.database)
        _Walk(ground, trunk, pieces, order, claim, tell).go()


class _Walk:
    """One worker: its databases, and what it has to remember of the migrations it proved."""

    def __init__(
        self, ground: Ground, trunk: Trunk, pieces: Sequence[Piece], order: Order, claim: Claim, tell: Tell
    ) -> None:
        self._ground = ground
        self._trunk = trunk
        self._pieces = pieces
        self._order = order
        self._claim = claim
        self._tell = tell
        self._memories: dict[int, Memory] = {}
        self._flights = {flight.start: flight for flight in self._planned_flights()}
        self._flight: range | None = None
        self._levels: list[Seen] = []

    def go(self) -> None:
        """Up the whole history, then what can only be asked at its end."""
        for index, piece in enumerate(self._pieces[: self._end()]):
            self._step_on_stairs(index)
            if self._order.wants(piece.migration) and self._claim(f"proof {piece.version}"):
                self._prove(index, piece)
            self._trunk.advance(piece)
            if self._flight is not None and index == self._flight.stop - 1:
                self._climb(self._flight)
        if self._order.later:
            self._try_rollbacks_alone()
        self._tell("unfilled", {str(name): reason for name, reason in self._trunk.unfilled.items()})

    def _end(self) -> int:
        """How far to walk: rollbacks are tried alone on the very last state only."""
        if self._order.later:
            return len(self._pieces)
        wanted = (index for index, piece in enumerate(self._pieces) if self._order.wants(piece.migration))
        return max(wanted, default=-1) + 1

    def _prove(self, index: int, piece: Piece) -> None:
        proved = prove(self._trunk, piece)
        self._tell("proof", proved.proof)
        memory = remember(proved.trial)
        if memory is not None and not piece.is_shared:
            self._memories[index] = memory

    def _planned_flights(self) -> list[range]:
        """The flights of stairs to climb; only when the whole history is asked for."""
        if not self._order.staircase or self._order.versions is not None:
            return []
        return flights(self._pieces)

    def _step_on_stairs(self, index: int) -> None:
        flight = self._flights.get(index)
        if flight is not None and self._claim(f"stairs {flight}"):
            pieces = [self._pieces[place] for place in flight]
            if any(piece.is_shared for piece in self._pieces[: flight.stop]):
                if self._trunk.given:
                    return
                below = self._pieces[: flight.start]
                found = climb_apart(self._ground.flavour, self._ground.major, below, pieces, self._order.rows)
                self._tell("stairs", found)
            else:
                self._flight = flight
        if self._flight is not None:
            self._levels.append(self._trunk.look().seen)

    def _climb(self, flight: range) -> None:
        levels = [*self._levels, self._trunk.look().seen]
        self._flight, self._levels = None, []
        self._trunk.let_go()
        with self._ground.throwaway(self._trunk.rich) as name:
            pieces = [self._pieces[place] for place in flight]
            self._tell("stairs", climb(self._ground, name, pieces, levels))

    def _try_rollbacks_alone(self) -> None:
        others = {index: memory for index, memory in self._memories.items() if index < len(self._pieces) - 1}
        if not others:
            return
        now = self._trunk.look().seen
        self._trunk.let_go()
        last = LastState(self._ground, self._trunk.rich, now)
        for index, memory in others.items():
            found = last.try_alone(self._pieces[index], memory)
            self._tell("later", (self._pieces[index].version, found))
        last.close()
