"""Reads the schema that a change meets: from a target, or from a throwaway server on which the files are applied."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence

from lockgate.catalog import Snapshot, read
from lockgate.config import Config
from lockgate.config.targets import resolve_target
from lockgate.errors import LockgateError
from lockgate.local import flavours
from lockgate.migration.model import Migration
from lockgate.proving.ground import open_ground
from lockgate.proving.piece import prepare
from lockgate.proving.playing import play
from lockgate.workflow.target import reading

Look = Callable[[], Snapshot | None]


def looking_at(config: Config, name: str) -> Look:
    """Reads a target, when it is asked; the target is not changed."""

    def look() -> Snapshot:
        with reading(config, resolve_target(config, name)) as opened:
            return read(opened.connection)

    return functools.cache(look)


def looking_at_files(config: Config, migrations: Sequence[Migration], major: int) -> Look:
    """Applies the files to an empty throwaway database, when it is asked; None where that is not possible."""

    def look() -> Snapshot | None:
        try:
            flavour = flavours.named(config.platform)
            with open_ground(flavour, major) as ground, ground.as_owner(ground.clone()) as owner:
                played = [play(owner, prepare(one, ground.major).forth) for one in migrations]
                return read(owner) if all(one.ok for one in played) else None
        except LockgateError:
            return None

    return functools.cache(look)
