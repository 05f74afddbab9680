"""Writes the files of migrations that exist only on a target, from the statements that its history has stored."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from lockgate.config import Config, Target
from lockgate.errors import UsageError
from lockgate.journal.model import Applied
from lockgate.migration.model import Project
from lockgate.migration.names import Spelling, file_name, parse_name, slugify
from lockgate.redaction import redact
from lockgate.sql.parse import parse
from lockgate.workflow.target import reading


@dataclass(frozen=True, slots=True)
class Imported:
    """One version that the target has and the files have not; ``obstacle`` says why it cannot become a file."""

    version: str
    name: str
    path: Path | None
    text: str = ""
    obstacle: str = ""


def missing(
    config: Config, project: Project, target: Target, versions: Sequence[str]
) -> tuple[Imported, ...]:
    """The versions of a target's history (all, or some) that have no file here, as the files that they would be.

    Nothing is written. Raises UsageError for a version that the history does not have or that has a file already.
    """
    with reading(config, target) as opened:
        applied = {entry.version: entry for entry in opened.history.applied(opened.connection)}
    known = {migration.version for migration in project.migrations}
    for version in versions:
        if version not in applied or version in known:
            why = "has a file already" if version in known else f"is not in the history of {target.name}"
            raise UsageError(f"{version} {why}.", state="nothing was written")
    wanted = versions or [version for version in applied if version not in known]
    spelling = spelling_of(config, project)
    return tuple(_made(project, target, applied[version], spelling) for version in wanted)


def write(imported: Sequence[Imported]) -> tuple[Path, ...]:
    """Write the files of those that can be written; nothing that is there is overwritten. Raises OSError."""
    written = []
    for one in imported:
        if one.path is not None:
            one.path.parent.mkdir(parents=True, exist_ok=True)
            with one.path.open("x", encoding="utf-8") as stream:
                stream.write(one.text)
            written.append(one.path)
    return tuple(written)


def spelling_of(config: Config, project: Project) -> Spelling:
    """The spelling of new names: what the settings say, else what the last file has, else what the CLI can read."""
    if config.project.naming is not None:
        return config.project.naming
    names = (parse_name(one.path.name) for one in reversed(project.migrations))
    found = next((name.spelling for name in names if name and name.spelling), None)
    return found or ("supabase" if config.platform == "supabase" else "guide")


def script_of(statements: Sequence[str]) -> str:
    """Statements as a file: each ends with a semicolon that is no part of a comment."""
    return "\n\n".join(_ended(statement) for statement in statements) + "\n"


def _ended(statement: str) -> str:
    text = statement.strip()
    if text.endswith(";"):
        return text
    return f"{text}\n;" if "--" in text.rpartition("\n")[2] else f"{text};"


def _made(project: Project, target: Target, entry: Applied, spelling: Spelling) -> Imported:
    obstacle = next(_obstacles(project, entry), "")
    if obstacle:
        return Imported(entry.version, entry.name, None, obstacle=obstacle)
    assert entry.statements is not None
    name = entry.name if re.fullmatch(r"[A-Za-z0-9_.-]+", entry.name) else slugify(entry.name)
    path = project.folder / file_name(entry.version, name or "imported", spelling)
    head = f"-- Applied on {redact(target.name)} before this file was written from its history.\n\n"
    body = script_of(entry.statements) if entry.statements else "-- The history has stored no statement.\n"
    return Imported(entry.version, name or "imported", path, head + body)


def _obstacles(project: Project, entry: Applied) -> Iterator[str]:
    if project.layout.name not in ("supabase", "plain"):
        yield f"the files of {project.layout.name} are made by that tool"
    if not re.fullmatch(r"[0-9]+", entry.version):
        yield "its version is no number, so that no file name can say it"
    if entry.statements is None:
        yield "the history has not stored its statements"
    elif any(statement.failure for statement in parse(script_of(entry.statements)).statements):
        yield "its stored statements cannot be read as SQL"
