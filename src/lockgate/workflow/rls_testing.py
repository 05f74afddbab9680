"""Compares row-level security before and after migrations, on a throwaway server, over the same rows."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from lockgate.config import Config
from lockgate.local import flavours
from lockgate.migration.directives import Allow
from lockgate.migration.model import Migration, Project
from lockgate.proving.ground import Ground, open_ground
from lockgate.proving.piece import prepare
from lockgate.proving.seeding import read_seeds
from lockgate.proving.trunk import Trunk
from lockgate.verify.rls import changes
from lockgate.verify.rls.bench import Manner
from lockgate.verify.rls.changes import Change
from lockgate.verify.rls.expectations import Expectations, Mismatch, compare
from lockgate.verify.rls.matrix import build
from lockgate.verify.rls.model import Hole, Matrix

Tell = Callable[[int, int, str], None]


@dataclass(slots=True)
class Compared:
    """What one migration changes in who may do what.

    ``unsaid`` are the changes that open more than before without the file or the expectations saying so; ``failure``
    is set when the migration could not be applied.
    """

    version: str
    matrix: Matrix | None = None
    changes: list[Change] = field(default_factory=list)
    unsaid: list[Change] = field(default_factory=list)
    holes: list[Hole] = field(default_factory=list)
    mismatches: list[Mismatch] = field(default_factory=list)
    unused: list[str] = field(default_factory=list)
    failure: str | None = None

    @property
    def stands(self) -> bool:
        """Whether nothing was opened that nobody asked for."""
        return not (self.unsaid or self.holes or self.mismatches or self.failure)


def compare_migrations(
    config: Config,
    project: Project,
    versions: Collection[str],
    major: int,
    *,
    seeds: Sequence[Path] = (),
    pins: Expectations | None = None,
    tell: Tell | None = None,
) -> list[Compared]:
    """Apply the history and look before and after each wanted migration; without versions, the newest one.

    Raises LocalServerError when the server does not come up.
    """
    wanted = set(versions) or {migration.version for migration in project.migrations[-1:]}
    found: list[Compared] = []
    with open_ground(flavours.named(config.platform), major) as ground:
        trunk = Trunk(ground, seeds=read_seeds(seeds))
        trunk.begin()
        for number, migration in enumerate(project.migrations):
            if tell is not None:
                tell(number, len(project.migrations), migration.name)
            before = _look(ground, trunk) if migration.version in wanted else None
            played = trunk.advance(prepare(migration, ground, project.migrations[:number]))
            if played.failure is not None:
                return [*found, Compared(migration.version, failure=str(played.failure))]
            if before is not None:
                is_last = migration is project.migrations[-1]
                found.append(_compare(migration, before, _look(ground, trunk), pins, is_last=is_last))
            if len(found) == len(wanted):
                break
    return found


def _look(ground: Ground, trunk: Trunk) -> Matrix:
    trunk.let_go()
    reasons = {str(name): reason for name, reason in trunk.unfilled.items()}
    with ground.as_owner(trunk.rich) as connection:
        return build(connection, Manner(empty=reasons))


def _compare(
    migration: Migration, before: Matrix, after: Matrix, pins: Expectations | None, *, is_last: bool
) -> Compared:
    """The changes of one migration; the expectations speak of the newest state and are held against that alone."""
    different = changes.between(before, after)
    allowed = migration.directives.of(Allow)
    known = pins or Expectations()
    widened = [change for change in different if change.widened]
    unsaid = [
        change
        for change in widened
        if not any(_allows(item, change) for item in allowed)
        and known.cells.get((change.relation, change.persona, change.command)) != change.after.reach
    ]
    unused = [
        f"{item.who} {', '.join(item.commands)} on {item.relation}"
        for item in allowed
        if not any(_allows(item, change) for change in widened)
    ]
    return Compared(
        migration.version,
        after,
        different,
        unsaid,
        [
            hole
            for hole in changes.new_holes(before, after)
            if not known.accepts(hole) and not any(_announces(item, hole) for item in allowed)
        ],
        [
            item
            for item in _mismatches(known, after, is_last)
            if not any(_covers(one, item) for one in allowed)
        ],
        unused,
    )


def _mismatches(known: Expectations, after: Matrix, is_last: bool) -> list[Mismatch]:
    return compare(known, after, strict=False) if is_last else []


def _covers(item: Allow, mismatch: Mismatch) -> bool:
    who = item.who in (mismatch.persona, "everybody")
    return who and _is_on(item, mismatch.relation) and mismatch.command in item.commands


def _announces(item: Allow, hole: Hole) -> bool:
    """Whether the file opens on purpose what a finding is about."""
    commands = set(hole.command.split(", "))
    return (
        item.who in (hole.persona, "everybody")
        and _is_on(item, hole.where)
        and commands <= set(item.commands)
    )


def _allows(item: Allow, change: Change) -> bool:
    return (
        item.who in (change.persona, "everybody")
        and change.command in item.commands
        and _is_on(item, change.relation)
    )


def _is_on(item: Allow, name: str) -> bool:
    """A function may be named without its arguments."""
    return item.relation in (name, name.partition("(")[0])
