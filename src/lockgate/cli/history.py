"""``lockgate history``: every run and its steps, or one version's."""

from __future__ import annotations

import dataclasses
import difflib
from typing import TYPE_CHECKING

import click

from lockgate.cli.frame import Workplace, common, to_option
from lockgate.console import duration
from lockgate.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from lockgate.console import Console
    from lockgate.journal.model import EndedSession, MigrationRecord, RunRecord, StepRecord
    from lockgate.journal.reader import JournalReader
    from lockgate.migration.model import Project


@click.command(name="history")
@click.argument("version", required=False)
@to_option
@click.option("--limit", default=20, show_default=True, help="How many runs to show.")
@common
def command(place: Workplace, version: str | None, target: str | None, limit: int) -> ExitCode:
    """Show every run and its steps; with VERSION, the steps of that migration and how its file differs now."""
    from lockgate.migration.files import discover
    from lockgate.workflow.target import reading

    found = place.target(target)
    with reading(place.config, found) as opened:
        if version is None:
            _show_runs(place.console, opened.journal.runs(limit))
        else:
            _show_migration(place.console, opened.journal, discover(place.config), version)
    return ExitCode.OK


def _show_runs(console: Console, runs: tuple[RunRecord, ...]) -> None:
    console.table(("began", "command", "ended", "took", "who", "error"), map(_run_row, runs))
    if not runs:
        console.say("There is no journal there yet: nothing was ever applied by Lockgate.")
    console.document({"command": "history", "runs": [_run_document(run) for run in runs]})


def _run_row(run: RunRecord) -> list[str]:
    took = duration((run.ended_at - run.started_at).total_seconds()) if run.ended_at else ""
    began = f"{run.started_at:%Y-%m-%d %H:%M:%S}"
    return [began, run.kind, run.status.value, took, run.holder, run.error or ""]


def _run_document(run: RunRecord) -> dict[str, object]:
    return {
        "id": str(run.id),
        "kind": run.kind,
        "status": run.status.value,
        "started_at": run.started_at,
        "ended_at": run.ended_at,
        "holder": run.holder,
        "error": run.error,
    }


def _show_migration(console: Console, journal: JournalReader, project: Project, version: str) -> None:
    record = _record(journal, project, version)
    steps, ended = journal.steps(record.version), journal.ended_sessions(version=record.version)
    migration = project.get(record.version)
    changes = _difference(record.content, migration.text if migration else None)
    _say(console, record, steps, ended, changes)
    console.document(
        {
            "command": "history",
            "version": record.version,
            "name": record.name,
            "status": record.status.value,
            "applied_at": record.applied_at,
            "seconds": record.seconds,
            "plan": record.plan,
            "steps": [step.to_json() | {"direction": step.direction} for step in steps],
            "edited": list(changes),
            "ended_sessions": [dataclasses.asdict(session) for session in ended],
        }
    )


def _record(journal: JournalReader, project: Project, version: str) -> MigrationRecord:
    known = journal.migrations()
    wanted = version if version in known else project.find(version).version
    if wanted not in known:
        raise UsageError(
            f"The journal knows nothing of {wanted}.", next_steps=["lockgate status   shows what is applied"]
        )
    return known[wanted]


def _say(
    console: Console,
    record: MigrationRecord,
    steps: tuple[StepRecord, ...],
    ended: tuple[EndedSession, ...],
    changes: tuple[str, ...],
) -> None:
    console.say(f"{record.version}_{record.name}  {record.status.value}")
    header = ("step", "way", "state", "took", "tries", "waited", "rows", "what")
    console.table(header, map(_step_row, steps))
    for session in ended:
        console.say(f"ended  pid {session.pid} ({session.role}@{session.application}): {session.reason}")
    if changes:
        console.say()
        console.say("The file differs from what was applied:")
        for line in changes:
            console.say(f"  {line}")


def _step_row(step: StepRecord) -> list[object]:
    return [
        step.step,
        step.direction,
        step.status.value,
        duration(step.seconds) if step.seconds is not None else "",
        step.attempts,
        duration(step.waited_seconds),
        step.row_count if step.row_count is not None else "",
        step.error or step.title,
    ]


def _difference(applied: str, now: str | None) -> tuple[str, ...]:
    from lockgate.redaction import redact

    if now is None or redact(now) == applied:
        return ()
    lines = difflib.unified_diff(
        applied.splitlines(), redact(now).splitlines(), "as applied", "as it is now", lineterm="", n=1
    )
    return tuple(lines)
