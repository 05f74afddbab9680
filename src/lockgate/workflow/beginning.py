"""Finds the missing start of a history: what a target had before the first migration that its history knows.

The schema of the target is made on a throwaway server and taken back there, statement by statement, from the last
migration that was applied to the first. What is left is the start. Then start and migrations are played on an empty
database; whatever still differs from the target was changed beside the migrations, and becomes a file at their end.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import psycopg

from lockgate.catalog import Scope, Snapshot, as_sql, diff, obstacles, read
from lockgate.catalog.model import Extension
from lockgate.config import Config, Target
from lockgate.errors import LockgateError, UsageError
from lockgate.local import flavours
from lockgate.migration.model import Migration, Project
from lockgate.migration.names import file_name, timestamp
from lockgate.proving.ground import Ground, open_ground
from lockgate.proving.piece import prepare_all
from lockgate.proving.playing import play
from lockgate.sql import queries
from lockgate.sql.identifiers import quote
from lockgate.workflow.buckets import insertion, read_buckets
from lockgate.workflow.drift import PLATFORM_EXTENSIONS
from lockgate.workflow.importing import script_of, spelling_of
from lockgate.workflow.rewinding import backwards
from lockgate.workflow.target import reading

Connection = psycopg.Connection[Any]


@dataclass(frozen=True, slots=True)
class Part:
    """A file to write: the start of the history, or what was changed beside the migrations."""

    version: str
    path: Path
    statements: tuple[str, ...]

    @property
    def text(self) -> str:
        """The content of the file."""
        return script_of(self.statements)


@dataclass(slots=True)
class Beginning:
    """What was found. ``notes`` name what no file can say; ``failures`` the migrations that do not play after all."""

    start: Part | None = None
    rest: Part | None = None
    notes: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    @property
    def parts(self) -> tuple[Part, ...]:
        """The files to write, in their order."""
        return tuple(part for part in (self.start, self.rest) if part is not None)


@dataclass(frozen=True, slots=True)
class _There:
    """What was read from the target."""

    snapshot: Snapshot
    applied: frozenset[str]
    buckets: tuple[str, ...]
    roles: tuple[str, ...]


def find(config: Config, project: Project, target: Target) -> Beginning:
    """The files that are missing before and after the project's migrations; nothing is written, the target only read.

    Raises UsageError where the files cannot be put before the first migration, LocalServerError without a server to
    try them on.
    """
    there = _look(config, target)
    applied = [one for one in project.migrations if one.version in there.applied]
    found = Beginning()
    with open_ground(flavours.named(config.platform), there.snapshot.major) as ground:
        empty = _read(ground, ground.clone())
        if applied and not _close(config, project, target, ground, there, applied, found).failures:
            return found
        found = Beginning()
        made = _roles(ground, there.roles)
        start = _rewound(ground, empty, there, applied, found)
        statements = (*_sql(empty, start), *there.buckets)
        if not statements:
            return found
        found.start = Part(*_place(config, project, _before(project), "baseline"), statements)
        if made:
            found.notes.append(f"the roles {', '.join(made)} must be there: supabase/roles.sql can make them")
        _close(config, project, target, ground, there, applied, found)
    return found


def write(found: Beginning) -> tuple[Path, ...]:
    """Write the files; raises UsageError where one is there already, and then writes none."""
    for part in found.parts:
        if part.path.exists():
            raise UsageError(
                f"{part.path.name} is there already.",
                state="nothing was written",
                next_steps=[
                    f"lockgate repair {part.version} --applied --to NAME    when it is that start already"
                ],
            )
    for part in found.parts:
        part.path.parent.mkdir(parents=True, exist_ok=True)
        part.path.write_text(part.text, "utf-8")
    return tuple(part.path for part in found.parts)


def _look(config: Config, target: Target) -> _There:
    with reading(config, target) as opened:
        connection = opened.connection
        return _There(
            read(connection, Scope()),
            frozenset(entry.version for entry in opened.history.applied(connection)),
            tuple(insertion(name, values) for name, values in read_buckets(connection).items()),
            tuple(
                name
                for (name,) in connection.execute(queries.read("lockgate.workflow", "own_roles").encode())
            ),
        )


def _roles(ground: Ground, wanted: Sequence[str]) -> tuple[str, ...]:
    """Make the roles that the target has and a fresh project has not; returns them."""
    present = {name for (name,) in ground.maintenance.execute("SELECT rolname FROM pg_roles")}
    missing = tuple(name for name in wanted if name not in present)
    for name in missing:
        ground.maintenance.execute(f"CREATE ROLE {quote(name)}".encode())
    return missing


def _read(ground: Ground, name: str) -> Snapshot:
    with ground.as_owner(name) as owner:
        return read(owner, Scope())


def _rewound(
    ground: Ground, empty: Snapshot, there: _There, applied: Sequence[Migration], found: Beginning
) -> Snapshot:
    """The target's schema as it was before the migrations that its history knows."""
    name = ground.clone()
    with ground.as_owner(name) as owner, ground.as_admin(name) as admin:
        found.notes += obstacles(diff(empty, there.snapshot))
        for statement in _sql(empty, there.snapshot):
            error = _try(owner, statement)
            if error:
                found.notes.append(f"no file can say this: {_first_line(statement)}: {error}")
        admin.execute('SET search_path TO "$user", public, extensions')
        stands_in = [one for one in _back(admin, applied) if one]
        start = read(owner, Scope())
    left = "\n".join(_sql(empty, start))
    found.notes += [
        f"{one} was dropped by a migration; something stands in for it"
        for one in dict.fromkeys(stands_in)
        if re.search(rf"\b{re.escape(one.split()[2])}(?!\w)", left)
    ]
    ground.drop(name)
    return start


def _back(admin: Connection, applied: Sequence[Migration]) -> Iterator[str]:
    for migration in reversed(applied):
        for statement in reversed(_statements(migration)):
            for step in backwards(statement):
                # What a superuser makes here is to be the project's own.
                error = _try(admin, f"SET LOCAL ROLE postgres; {step.sql}") and _try(admin, step.sql)
                if error is None and step.stands_for:
                    yield step.stands_for


def _statements(migration: Migration) -> tuple[Any, ...]:
    try:
        return migration.script.statements
    except LockgateError:
        return ()


def _close(
    config: Config,
    project: Project,
    target: Target,
    ground: Ground,
    there: _There,
    applied: Sequence[Migration],
    found: Beginning,
) -> Beginning:
    """Play the start, where there is one, and the migrations; what still differs becomes a file at their end."""
    name = ground.clone()
    with ground.as_owner(name) as owner:
        for statement in found.start.statements if found.start else ():
            error = _try(owner, statement)
            if error:
                found.failures.append(f"the start: {_first_line(statement)}: {error}")
        for piece in prepare_all(applied, ground):
            played = play(owner, piece.forth)
            if played.failure is not None:
                found.failures.append(f"{piece.migration.label}: {played.failure}")
        now = read(owner, Scope())
    ground.drop(name)
    statements = _sql(now, there.snapshot)
    if statements:
        place = _place(config, project, _after(project), f"catch_up_with_{_word(target.name)}")
        found.rest = Part(*place, statements)
    return found


def _sql(before: Snapshot, after: Snapshot) -> tuple[str, ...]:
    """The way from one schema to another that a file of a hosted project can hold."""
    wanted = diff(_without_platform(before), _without_platform(after))
    return tuple(_as_in_a_file(statement) for statement in as_sql(wanted))


def _without_platform(snapshot: Snapshot) -> Snapshot:
    kept = {
        address: item
        for address, item in snapshot.objects.items()
        if not (isinstance(item, Extension) and address.name in PLATFORM_EXTENSIONS)
    }
    return replace(snapshot, objects=kept)


def _as_in_a_file(statement: str) -> str:
    # SET LOCAL needs a transaction block, which not every runner makes.
    for written, meant in _IN_A_FILE.items():
        if statement.startswith(written):
            return meant + statement.removeprefix(written)
    return statement


_IN_A_FILE: Final = {
    "SET LOCAL check_function_bodies": "SET check_function_bodies",
    "CREATE EXTENSION ": "CREATE EXTENSION IF NOT EXISTS ",
}


def _try(connection: Connection, statement: str) -> str | None:
    """Run a statement in a transaction of its own; what the server says when it refuses."""
    try:
        with connection.transaction():
            connection.execute(statement.encode())
    except psycopg.Error as error:
        return error.diag.message_primary or type(error).__name__
    return None


def _first_line(statement: str) -> str:
    return statement.strip().partition("\n")[0][:120]


def _before(project: Project) -> str:
    """A version before the first one."""
    first = min((one.version for one in project.migrations), default="")
    if not first:
        return "20200101000000"
    moment = timestamp(first)
    version = f"{moment - timedelta(seconds=1):%Y%m%d%H%M%S}" if moment else "0" * len(first)
    if version >= first:
        raise UsageError(
            f"No version comes before {first}.", next_steps=["give the first migration a later version"]
        )
    return version


def _after(project: Project) -> str:
    last = max((one.version for one in project.migrations), default="20200101000000")
    moment = timestamp(last)
    if moment:
        return f"{moment + timedelta(seconds=1):%Y%m%d%H%M%S}"
    with contextlib.suppress(ValueError):
        return str(int(last) + 1).rjust(len(last), "0")
    return f"{last}1"


def _place(config: Config, project: Project, version: str, name: str) -> tuple[str, Path]:
    return version, project.folder / file_name(version, name, spelling_of(config, project))


def _word(text: str) -> str:
    return "".join(sign if sign.isalnum() else "_" for sign in text.lower()).strip("_")[:30]
