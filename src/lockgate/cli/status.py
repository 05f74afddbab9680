"""``lockgate status``: what is applied, what is pending, what is wrong."""

from __future__ import annotations

import click

from lockgate.cli.frame import Workplace, common, to_option
from lockgate.errors import ExitCode


@click.command(name="status")
@to_option
@common
def command(place: Workplace, target: str | None) -> ExitCode:
    """Show what is applied and what is pending.

    Exit code 5 when files and history contradict each other, 8 when a migration is half applied.
    """
    from lockgate.migration.files import discover
    from lockgate.workflow.apply import standing
    from lockgate.workflow.target import reading

    console, found, project = place.console, place.target(target), discover(place.config)
    with reading(place.config, found) as opened:
        where = standing(project, opened)
        records = opened.journal.migrations()
    applied = {entry.version for entry in where.applied}
    half = {record.version: record.status.value for record in where.unfinished}
    problems = {problem.version: problem for problem in where.problems}
    rows, entries = [], []
    names = {m.version: m.name for m in project.migrations} | {
        a.version: a.name for a in where.applied if project.get(a.version) is None
    }
    for version in names:
        state = half.get(version) or ("applied" if version in applied else "pending")
        record = records.get(version)
        when = record.applied_at if record else None
        problem = problems.get(version)
        remark = f"{problem.trouble.value} {problem.detail}".strip() if problem else ""
        rows.append([version, names[version], state, f"{when:%Y-%m-%d %H:%M}" if when else "", remark])
        entries.append(
            {
                "version": version,
                "name": names[version],
                "status": state,
                "applied_at": when,
                "problem": remark or None,
            }
        )
    console.table(("version", "name", "state", "applied at", "remark"), rows)
    blocking = [problem for problem in where.problems if problem.blocking]
    console.document(
        {
            "command": "status",
            "target": found.name,
            "migrations": entries,
            "summary": {
                "applied": len(applied),
                "pending": len(where.pending),
                "unfinished": len(half),
                "problems": len(blocking),
            },
        }
    )
    return _say_next(place, found.name, len(applied), len(where.pending), bool(half), bool(blocking))


def _say_next(place: Workplace, target: str, applied: int, pending: int, half: bool, wrong: bool) -> ExitCode:
    console = place.console
    console.say(f"{target}: {applied} applied, {pending} pending.")
    if half:
        console.say(
            "  next    lockgate recover   shows what is done of the unfinished one, and finishes or undoes it"
        )
        return ExitCode.NEEDS_PERSON
    if wrong:
        console.say("  next    lockgate apply   says for each contradiction what can be done")
        return ExitCode.DRIFT
    if pending:
        console.say("  next    lockgate explain, then lockgate apply")
    return ExitCode.OK
