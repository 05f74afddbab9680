"""Compares two schemas that may be the files', replayed on a throwaway server, or a target's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from lockgate.catalog import (
    Change,
    Difference,
    Differences,
    Kind,
    Scope,
    Snapshot,
    as_sql,
    diff,
    obstacles,
    read,
)
from lockgate.config import Config, resolve_target
from lockgate.errors import LockgateError
from lockgate.local import flavours
from lockgate.migration.model import Migration, Project
from lockgate.proving.ground import open_ground
from lockgate.proving.piece import prepare_all
from lockgate.proving.playing import play
from lockgate.workflow.buckets import BucketDifference, Settings, compare_buckets, read_buckets
from lockgate.workflow.target import reading

PLATFORM_EXTENSIONS: Final = frozenset(
    {
        "pg_graphql",
        "pg_stat_statements",
        "pgcrypto",
        "pgjwt",
        "pgsodium",
        "plpgsql",
        "supabase_vault",
        "uuid-ossp",
    }
)
"""What a hosted project has from its first day, more or less of it by its age; no migration has to make it."""

FILES: Final = "files"
"""What stands for the project's migrations; ``files@VERSION`` stops after a version."""


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two schemas: what the user called it, the schema, and the storage buckets.

    ``applied`` are the versions of a target's history, None where it has none.
    """

    name: str
    snapshot: Snapshot
    applied: frozenset[str] | None = None
    buckets: Mapping[str, Settings] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Drift:
    """How one schema differs from the other.

    ``differences`` are told from ``wanted`` to ``found``; ``sql`` is to be run on the latter and makes it like the
    former. ``pending`` are migrations that were left out because the target does not have them yet.
    """

    wanted: str
    found: str
    differences: Differences
    sql: tuple[str, ...]
    obstacles: tuple[str, ...]
    pending: tuple[str, ...] = ()
    buckets: tuple[BucketDifference, ...] = ()

    @property
    def order(self) -> tuple[Difference, ...]:
        """Tables whose columns stand in another order, which counts as no drift."""
        return tuple(item for item in self.differences if item.change is Change.REORDERED)

    @property
    def is_drift(self) -> bool:
        """Whether the schemas differ in more than the order of columns."""
        return bool(self.differences.without_order or self.buckets)

    def to_json(self) -> dict[str, Any]:
        """The machine form."""
        return {
            "command": "diff",
            "from": self.wanted,
            "to": self.found,
            "equal": not self.is_drift,
            "differences": self.differences.without_order.to_json(),
            "column_order": [item.to_json() for item in self.order],
            "sql": list(self.sql),
            "obstacles": list(self.obstacles),
            "loses_data": diff_back(self.differences).loses_data,
            "pending": list(self.pending),
            "buckets": [one.to_json() for one in self.buckets],
        }


def compare(
    config: Config,
    project: Project,
    wanted: str,
    found: str,
    *,
    schemas: Sequence[str] = (),
    pending: bool = False,
) -> Drift:
    """Compare two schemas by name: ``files``, ``files@VERSION``, an environment or a connection string.

    Files are replayed as far as the target on the other side has applied them, all of them with ``pending``. Raises
    LockgateError where a migration does not apply, and ConfigError or ConnectionFailedError for a target.
    """
    scope = Scope(schemas=tuple(schemas) or None)
    sides = {name: _target_side(config, name, scope) for name in (wanted, found) if not is_files(name)}
    applied = next((side.applied for side in sides.values()), None)
    left_out: list[str] = []
    for name in (wanted, found):
        if is_files(name):
            sides[name], left_out = _files_side(config, project, name, scope, None if pending else applied)
    differences = _without_noise(diff(sides[wanted].snapshot, sides[found].snapshot), wanted, found)
    if config.platform == "supabase":
        differences = differences.only(lambda item: not _is_platform_extension(item))
    buckets = () if schemas else compare_buckets(sides[wanted].buckets, sides[found].buckets)
    back = diff_back(differences)
    names = sides[wanted].name, sides[found].name
    sql = (*as_sql(back), *(one.sql for one in buckets if one.sql))
    left = (
        *obstacles(back),
        *(f"{one.message}; the storage service deletes it" for one in buckets if not one.sql),
    )
    return Drift(*names, differences, sql, left, tuple(left_out), buckets)


def _is_platform_extension(item: Difference) -> bool:
    return item.address.kind is Kind.EXTENSION and item.address.name in PLATFORM_EXTENSIONS


def is_files(name: str) -> bool:
    """Whether a name stands for the project's migrations."""
    return name.partition("@")[0] == FILES


def diff_back(differences: Differences) -> Differences:
    """The same comparison the other way round, of the same objects."""
    there = {item.address for item in differences}
    return diff(differences.after, differences.before).only(lambda item: item.address in there)


def _target_side(config: Config, name: str, scope: Scope) -> Side:
    target = resolve_target(config, name)
    with reading(config, target) as opened:
        versions = frozenset(entry.version for entry in opened.history.applied(opened.connection))
        snapshot = read(opened.connection, scope)
        return Side(target.name, snapshot, versions or None, read_buckets(opened.connection))


def _files_side(
    config: Config, project: Project, name: str, scope: Scope, applied: frozenset[str] | None
) -> tuple[Side, list[str]]:
    last = project.find(name.partition("@")[2]).version if "@" in name else None
    wanted = [one for one in project.migrations if last is None or one.version <= last]
    chosen = [one for one in wanted if last is not None or applied is None or one.version in applied]
    left_out = [one.version for one in wanted if one not in chosen]
    snapshot, buckets = _replay(config, chosen, scope)
    return Side(name, snapshot, buckets=buckets), left_out


def _replay(
    config: Config, migrations: Sequence[Migration], scope: Scope
) -> tuple[Snapshot, Mapping[str, Settings]]:
    with open_ground(flavours.named(config.platform), config.postgres) as ground:
        database = ground.clone()
        with ground.as_owner(database) as owner:
            for piece in prepare_all(migrations, ground):
                played = play(owner, piece.forth)
                if played.failure is not None:
                    raise LockgateError(
                        f"{piece.migration.label} does not apply on an empty database: {played.failure}",
                        state="nothing but a throwaway server was touched",
                        next_steps=[f"lockgate test {piece.version}"],
                    )
            return read(owner, scope), read_buckets(owner)


def _without_noise(differences: Differences, wanted: str, found: str) -> Differences:
    """Versions of extensions, and their comments, follow the server's installation and not the files."""
    if not (is_files(wanted) or is_files(found)):
        return differences
    return differences.only(
        lambda item: (
            not (item.address.kind is Kind.EXTENSION and item.field in ("version", "comment", "owner"))
        )
    )
