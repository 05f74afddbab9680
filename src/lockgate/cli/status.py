"""``lockgate status``: what is applied, what is pending, what is wrong."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

import click

from lockgate.cli.frame import Workplace, common, to_option
from lockgate.errors import ExitCode

if TYPE_CHECKING:
    from lockgate.console import Console
    from lockgate.migration.model import Project
    from lockgate.workflow.integrity import Standing
    from lockgate.workflow.opened import Sighting


@click.command(name="status")
@to_option
@common
def command(place: Workplace, target: str | None) -> ExitCode:
    """Show what is applied and what is pending.

    Exit code 5 when files and history contradict each other, 8 when a migration is half applied.
    """
    from lockgate.migration.files import discover
    from lockgate.workflow import witness
    from lockgate.workflow.integrity import standing
    from lockgate.workflow.target import reading

    console, found, project = place.console, place.target(target), discover(place.config)
    with reading(place.config, found) as opened:
        where = standing(project, opened)
        sightings = witness.look(opened, where, project, found.name)
    lines = _lines(project, where)
    blocking = [problem for problem in where.problems if problem.blocking]
    if console.as_json:
        summary = {
            "applied": len({entry.version for entry in where.applied}),
            "pending": len(where.pending),
            "unfinished": len(where.unfinished),
            "problems": len(blocking) + sum(sighting.blocking for sighting in sightings),
        }
        console.document_text(_document(found.name, lines, sightings, summary))
    else:
        rows = [
            [line.version, line.name, line.status, _minute(line.applied_at), line.problem or ""]
            for line in lines
        ]
        console.table(("version", "name", "state", "applied at", "remark"), rows)
    stops = _say_sightings(console, sightings)
    return _say_next(place, found.name, where, wrong=bool(blocking) or stops, told=stops)


def _say_sightings(console: Console, sightings: Sequence[Sighting]) -> bool:
    """What is not as the last run has left it; whether something of it stops ``apply``."""
    for sighting in sightings:
        console.say(f"  {'wrong' if sighting.blocking else 'warning':<8}{sighting}")
        for step in sighting.next_steps:
            console.say(f"  next    {step}")
    return any(sighting.blocking for sighting in sightings)


class _Line(NamedTuple):
    version: str
    name: str
    status: str
    applied_at: datetime | None
    problem: str | None


def _lines(project: Project, where: Standing) -> list[_Line]:
    applied = {entry.version: entry.name for entry in where.applied}
    half = {record.version: record.status.value for record in where.unfinished}
    problems = {problem.version: problem for problem in where.problems}
    names = applied | {migration.version: migration.name for migration in project.migrations}
    order = dict.fromkeys((*(m.version for m in project.migrations), *applied))
    lines = []
    for version in order:
        record, problem = where.records.get(version), problems.get(version)
        lines.append(
            _Line(
                version,
                names[version],
                half.get(version) or ("applied" if version in applied else "pending"),
                record.applied_at if record else None,
                problem.words if problem else None,
            )
        )
    return lines


def _document(target: str, lines: list[_Line], sightings: Sequence[Sighting], summary: dict[str, int]) -> str:
    """The document with one migration on a line: for thousands of them that is ten times faster than indenting."""
    encode = json.JSONEncoder(ensure_ascii=False, default=str).encode
    entries = ",\n    ".join(encode(line._asdict()) for line in lines)
    seen = json.dumps([sighting.to_json() for sighting in sightings], ensure_ascii=False)
    head = f'{{\n  "command": "status",\n  "target": {json.dumps(target, ensure_ascii=False)},'
    tail = f'  "sightings": {seen},\n  "summary": {json.dumps(summary)}\n}}'
    return f'{head}\n  "migrations": [\n    {entries}\n  ],\n{tail}'


def _minute(when: datetime | None) -> str:
    return f"{when:%Y-%m-%d %H:%M}" if when else ""


def _say_next(place: Workplace, target: str, where: Standing, *, wrong: bool, told: bool) -> ExitCode:
    console = place.console
    console.say(f"{target}: {len(where.applied)} applied, {len(where.pending)} pending.")
    if where.unfinished:
        console.say(
            "  next    lockgate recover   shows what is done of the unfinished one, and finishes or undoes it"
        )
        return ExitCode.NEEDS_PERSON
    if wrong:
        if not told:
            console.say("  next    lockgate apply   says for each contradiction what can be done")
        return ExitCode.DRIFT
    if where.pending:
        console.say("  next    lockgate explain, then lockgate apply")
    return ExitCode.OK
