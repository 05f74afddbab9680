"""Converts the names of a project's files from one spelling to the other, all or none.

Contents stay as they are, and so do versions and checksums: both spellings say the same 14 digits. Even where the
machine stops half-way the project reads the same, because both spellings are read.
"""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from lockgate.config import Config
from lockgate.config.load import line_of
from lockgate.errors import LockgateError, UsageError
from lockgate.migration.model import Project
from lockgate.migration.names import Spelling, cli_version, spell
from lockgate.values import value

_STAMP: Final = re.compile(r"([0-9]{8})_?([0-9]{6})(?=[_.])")


@value(frozen=True, slots=True)
class Move:
    """One file that changes its name.

    ``cli_versions`` are the versions under which the Supabase CLI knows the old and the new name of a migration; a
    history that the CLI wrote must be repaired where they differ. Both are None for a rollback or a verify file.
    """

    old: Path
    new: Path
    version: str
    cli_versions: tuple[str | None, str | None] = (None, None)


def plan_renaming(project: Project, to: Spelling) -> tuple[Move, ...]:
    """The files that must change their names, migrations first; raises UsageError where a name is taken already."""
    if project.layout.name not in ("supabase", "plain"):
        raise UsageError(
            f"the names of a project of {project.layout.name} belong to that tool; there is nothing to convert"
        )
    moves = tuple(move for migration in project.migrations for move in _migration_move(migration.path, to))
    sidecars = tuple(
        move
        for migration in project.migrations
        for file in (migration.back, migration.verify)
        if file is not None
        for move in _move(file.path, to)
    )
    _refuse_taken((*moves, *sidecars))
    return (*moves, *sidecars)


def _migration_move(path: Path, to: Spelling) -> Iterable[Move]:
    for move in _move(path, to):
        yield Move(move.old, move.new, move.version, (cli_version(move.old.name), cli_version(move.new.name)))


def _move(path: Path, to: Spelling) -> Iterable[Move]:
    match = _STAMP.match(path.name)
    if match:
        version = match[1] + match[2]
        new = path.with_name(spell(version, to) + path.name[match.end() :])
        if new != path:
            yield Move(path, new, version)


def _refuse_taken(moves: tuple[Move, ...]) -> None:
    seen: set[Path] = set()
    for move in moves:
        if move.new in seen or os.path.lexists(move.new):
            raise UsageError(
                f"{move.old.name} cannot become {move.new.name}: that name is taken",
                state="nothing was renamed",
                next_steps=["give one of the two files a version of its own"],
            )
        seen.add(move.new)


def rename(moves: Iterable[Move]) -> None:
    """Rename the files; when one cannot be renamed, the others get their old names back. Raises LockgateError."""
    done: list[Move] = []
    for move in moves:
        try:
            _rename_one(move)
        except OSError as error:
            for earlier in reversed(done):
                earlier.new.rename(earlier.old)
            raise LockgateError(
                f"{move.old.name} cannot be renamed: {error.strerror}",
                state="every file has its old name again",
            ) from error
        done.append(move)


def _rename_one(move: Move) -> None:
    # rename() would silently replace a file that came between the plan and the act.
    if os.path.lexists(move.new):
        raise FileExistsError(errno.EEXIST, f"{move.new.name} is there already")
    move.old.rename(move.new)


def write_spelling(config: Config, to: Spelling) -> bool:
    """Change ``[project] naming`` of lockgate.toml, where it stands; returns whether it did."""
    if config.file is None or config.project.naming in (None, to):
        return False
    lines = config.file.read_bytes().decode("utf-8").splitlines(keepends=True)
    number = line_of("".join(lines), ("project", "naming"))
    if number is None:
        return False
    lines[number - 1] = lines[number - 1].replace(f'"{config.project.naming}"', f'"{to}"', 1)
    config.file.write_bytes("".join(lines).encode("utf-8"))
    return True
