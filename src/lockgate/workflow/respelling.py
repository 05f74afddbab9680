"""Follows ``names convert`` in the histories of a project's environments: the CLI's table, and the journal.

What a history should say follows from the files' names alone. So a conversion that was stopped between the files and a
history, or between two histories, is finished by calling it again: whatever is right already is left alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from lockgate.config import Config, Target
from lockgate.migration.model import Project
from lockgate.migration.names import Spelling, cli_version, compact, spell
from lockgate.migration.renaming import Move
from lockgate.sql import queries
from lockgate.workflow.target import reading, running


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a history that is to be known under another version."""

    old: str
    new: str
    name: str

    def __str__(self) -> str:
        return f"{self.old} becomes {self.new}"


@dataclass(frozen=True, slots=True)
class Respelling:
    """What has to change in the history of one environment; ``files`` are paths in the journal, old to new."""

    target: Target
    rows: tuple[Row, ...]
    files: tuple[tuple[str, str], ...]

    @property
    def is_needed(self) -> bool:
        """Whether there is anything to do."""
        return bool(self.rows or self.files)


def new_names(project: Project, moves: Sequence[Move]) -> dict[str, str]:
    """The name that each migration's file has after the renaming, by version."""
    renamed = {move.old: move.new.name for move in moves}
    return {one.version: renamed.get(one.path, one.path.name) for one in project.migrations}


def ambiguous(names: Mapping[str, str]) -> frozenset[str]:
    """The versions whose files the Supabase CLI takes for one; in its history they keep all of their digits."""
    counts = Counter(cli_version(name) for name in names.values())
    return frozenset(version for version, name in names.items() if counts[cli_version(name)] > 1)


def look(config: Config, project: Project, moves: Sequence[Move], target: Target) -> Respelling:
    """What the history of an environment lacks; it is only read. Raises ConnectionFailedError."""
    names = new_names(project, moves)
    with reading(config, target) as opened:
        rows = tuple(_rows(opened.connection, names)) if config.platform == "supabase" else ()
        known = opened.journal.migrations()
    paths = {one.version: one.path.with_name(names[one.version]) for one in project.migrations}
    labels = {version: _label(config, path) for version, path in paths.items()}
    files = tuple(
        (record.file, labels[version])
        for version, record in known.items()
        if version in labels and record.file != labels[version]
    )
    return Respelling(target, rows, files)


def repair(config: Config, respelling: Respelling) -> None:
    """Write the new versions into the history, all or none, under the lease of the target."""
    with running(config, respelling.target, "names convert") as run, run.connection.transaction():
        text = queries.read("lockgate.workflow", "respell_row").encode()
        for row in respelling.rows:
            run.connection.execute(text, {"old": row.old, "new": row.new, "name": row.name})
        for old, new in respelling.files:
            run.connection.execute("UPDATE lockgate.migration SET file = %s WHERE file = %s", [new, old])


def _label(config: Config, path: Path) -> str:
    return (path.relative_to(config.root) if path.is_relative_to(config.root) else path).as_posix()


def _rows(connection: psycopg.Connection[Any], names: Mapping[str, str]) -> Iterator[Row]:
    found = connection.execute("SELECT to_regclass('supabase_migrations.schema_migrations')").fetchone()
    if found is None or found[0] is None:
        return
    unclear = ambiguous(names)
    for version, name in connection.execute(queries.read("lockgate.workflow", "respelled_rows").encode()):
        meant = _meant(version, name, names)
        if meant is None:
            continue
        wanted = meant if meant in unclear else cli_version(names[meant])
        if wanted is not None and wanted != version:
            yield Row(version, wanted, _name_for(names[meant], wanted))


def _meant(version: str, name: str, names: Mapping[str, str]) -> str | None:
    """The version of 14 digits that a row means, when the project has it."""
    whole = compact(f"{version}_{name[:6]}")
    return next((candidate for candidate in (version, whole) if candidate in names), None)


def _name_for(file_name: str, version: str) -> str:
    """The name that the CLI would store beside a version: what comes after it."""
    for spelled in (version, *(spell(version, spelling) for spelling in _SPELLINGS)):
        if file_name.startswith(f"{spelled}_"):
            return file_name.removeprefix(f"{spelled}_").removesuffix(".sql")
    return file_name.removesuffix(".sql")


_SPELLINGS: tuple[Spelling, ...] = ("guide", "supabase")
