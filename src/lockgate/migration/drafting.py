"""New migrations: named by the project's rules, filled in from the templates, written all or not at all."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

from lockgate.errors import LockgateError, UsageError
from lockgate.migration.layouts.model import NewFiles, Request
from lockgate.migration.model import Project
from lockgate.migration.names import (
    Spelling,
    description_faults,
    next_version,
    parse_name,
    slugify,
    spell,
    timestamp,
)
from lockgate.migration.template import Draft, migration_text, rollback_text, title_of
from lockgate.types import MigrationType
from lockgate.values import value

CLOCK_TOLERANCE: Final = 60
"""Seconds by which a version may be ahead of the clock before it is worth a word."""


@value(frozen=True, slots=True)
class NewMigration:
    """A migration that is not written yet; ``remarks`` say what was changed of what was asked for."""

    draft: Draft
    files: NewFiles
    remarks: tuple[str, ...] = ()

    def texts(self) -> dict[Path, str]:
        """Each file with its text."""
        forth, back = migration_text(self.draft), rollback_text(self.draft)
        if self.files.back is not None:
            return {self.files.forth: forth, self.files.back: back}
        up, down = self.files.markers
        return {self.files.forth: f"{up}\n{forth}\n{down}\n{back}"}


def draft_migration(
    project: Project,
    text: str,
    *,
    types: Sequence[MigrationType],
    author: str,
    now: datetime,
    at: str | None = None,
) -> NewMigration:
    """A new migration for a description in any words.

    ``now`` is the moment in UTC; ``at`` a date or a moment that somebody wished for. Raises UsageError when the
    description has no letters, or the moment is not later than every version.
    """
    description = slugify(text)
    if not description:
        raise UsageError(
            f"{text!r} holds no letters or digits", next_steps=['lockgate new "add user preferences"']
        )
    newest = _newest_stamp(project)
    stamp = _wished(at, now, newest) if at else _next(now, newest)
    files = _name(project, stamp, description)
    return NewMigration(
        _draft(project, text, description, files, types, author, stamp),
        files,
        tuple(_remarks(text, description, stamp, now, at)),
    )


def _newest_stamp(project: Project) -> str | None:
    versions = (item.version for item in project.migrations)
    return max((version for version in versions if re.fullmatch(r"[0-9]{14}", version)), default=None)


def _next(now: datetime, newest: str | None) -> str:
    try:
        return next_version(now, newest)
    except OverflowError as error:
        raise UsageError(f"no version can be later than {newest}") from error


_MOMENT = re.compile(r"(\d{4})-?(\d\d)-?(\d\d)(?:[T _]?(\d\d):?(\d\d)(?::?(\d\d))?)?Z?")


def _wished(at: str, now: datetime, newest: str | None) -> str:
    match = _MOMENT.fullmatch(at.strip())
    if match is None:
        raise UsageError(
            f"{at!r} is not a date", next_steps=["write 2025-12-01 or 2025-12-01T14:00:00 (UTC)"]
        )
    year, month, day, hour, minute, second = (int(part) if part else None for part in match.groups())
    clock = now.time() if hour is None else None
    digits = f"{year:04}{month:02}{day:02}" + (
        f"{clock:%H%M%S}" if clock else f"{hour:02}{minute:02}{second or 0:02}"
    )
    moment = timestamp(digits)
    if moment is None:
        raise UsageError(f"{at!r} is not a date of the calendar")
    version = _next(moment, newest)
    if version != digits and (hour is not None or version[:8] != digits[:8]):
        raise UsageError(
            f"{at} is not later than the newest migration, {newest}",
            why="a version between others would never run where the later ones are applied already",
            next_steps=["leave --date out"],
        )
    return version


def _name(project: Project, stamp: str, description: str) -> NewFiles:
    newest = project.newest
    request = Request(
        project.folder,
        project.rollbacks,
        newest.version if newest else None,
        stamp,
        description,
        spelling_of(project),
    )
    return project.layout.new(request)


def spelling_of(project: Project) -> Spelling:
    """The spelling of new names: that of the settings, else of the newest file that has one, else the guide's."""
    if project.config.project.naming:
        return project.config.project.naming
    for item in reversed(project.migrations):
        name = parse_name(item.path.name)
        if name and name.spelling:
            return name.spelling
    return "guide"


def _draft(
    project: Project,
    text: str,
    description: str,
    files: NewFiles,
    types: Sequence[MigrationType],
    author: str,
    stamp: str,
) -> Draft:
    newest = project.newest
    beside = project.folder.parent if project.folder != project.config.root else project.folder
    back = files.back or files.forth
    moment = timestamp(stamp)
    assert moment is not None
    return Draft(
        version=files.version,
        title=title_of(_printable(text)),
        day=moment.date(),
        author=_printable(author),
        types=tuple(kind for kind in MigrationType if kind in types),
        description=description,
        migration=_shown(files.forth, beside),
        rollback=_shown(back, beside),
        previous=spell(newest.version, spelling_of(project)) if newest else "0",
        dependencies=(newest.stem if newest else "none", "TODO: the application's version, or none"),
    )


def _printable(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _shown(path: Path, folder: Path) -> str:
    return (path.relative_to(folder) if path.is_relative_to(folder) else path).as_posix()


def _remarks(text: str, description: str, stamp: str, now: datetime, at: str | None) -> list[str]:
    remarks = []
    if description != "_".join(text.lower().split()):
        remarks.append(f"named {description}")
    remarks += [f"{description}: {fault}" for fault in description_faults(description)]
    moment = timestamp(stamp)
    if moment and not at and (moment - now).total_seconds() > CLOCK_TOLERANCE:
        remarks.append(f"the clock is behind the newest migration, so this one is dated {moment}")
    return remarks


def write_new(new: NewMigration) -> None:
    """Write the files of a new migration; raises UsageError when one exists, and leaves none behind then."""
    written: list[Path] = []
    try:
        for path, text in new.texts().items():
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("x", encoding="utf-8", newline="\n") as file:
                written.append(path)
                file.write(text)
    except OSError as error:
        for path in written:
            path.unlink(missing_ok=True)
        if isinstance(error, FileExistsError):
            raise UsageError(f"{error.filename} is already there", state="nothing was written") from error
        raise LockgateError(
            f"{error.filename} cannot be written: {error.strerror}", state="nothing was written"
        ) from error
