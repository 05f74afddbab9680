"""``lockgate history``: every run and its steps, or one version's."""

from __future__ import annotations

import dataclasses
import difflib

import click

from lockgate.cli.frame import Workplace, common, to_option
from lockgate.console import duration
from lockgate.errors import ExitCode, UsageError


@click.command(name="history")
@click.argument("version", required=False)
@to_option
@click.option("--limit", default=20, show_default=True, help="How many runs to show.")
@common
def command(place: Workplace, version: str | None, target: str | None, limit: int) -> ExitCode:
    """Show every run and its steps; with VERSION, the steps of that migration and how its file differs now."""
    from lockgate.workflow.target import reading

    found = place.target(target)
    with reading(place.config, found) as opened:
        if version is None:
            return _runs(place, opened.journal, limit)
        return _one(place, opened.journal, version)


def _runs(place: Workplace, journal: object, limit: int) -> ExitCode:
    from lockgate.journal.reader import JournalReader

    assert isinstance(journal, JournalReader)
    runs = journal.runs(limit)
    rows = [
        [
            f"{run.started_at:%Y-%m-%d %H:%M:%S}",
            run.kind,
            run.status.value,
            duration((run.ended_at - run.started_at).total_seconds()) if run.ended_at else "",
            run.holder,
            run.error or "",
        ]
        for run in runs
    ]
    place.console.table(("began", "command", "ended", "took", "who", "error"), rows)
    if not runs:
        place.console.say("There is no journal there yet: nothing was ever applied by Lockgate.")
    place.console.document(
        {
            "command": "history",
            "runs": [
                {
                    "id": str(run.id),
                    "kind": run.kind,
                    "status": run.status.value,
                    "started_at": run.started_at,
                    "ended_at": run.ended_at,
                    "holder": run.holder,
                    "error": run.error,
                }
                for run in runs
            ],
        }
    )
    return ExitCode.OK


def _one(place: Workplace, journal: object, version: str) -> ExitCode:
    from lockgate.journal.reader import JournalReader
    from lockgate.migration.files import discover

    assert isinstance(journal, JournalReader)
    project = discover(place.config)
    known = journal.migrations()
    wanted = version if version in known else project.find(version).version
    record = known.get(wanted)
    if record is None:
        raise UsageError(
            f"The journal knows nothing of {wanted}.", next_steps=["lockgate status   shows what is applied"]
        )
    steps = journal.steps(wanted)
    migration = project.get(wanted)
    ended = journal.ended_sessions(version=wanted)
    changes = _difference(record.content, migration.text if migration else None)
    console = place.console
    console.say(f"{record.version}_{record.name}  {record.status.value}")
    console.table(
        ("step", "way", "state", "took", "tries", "waited", "rows", "what"),
        [
            [
                step.step,
                step.direction,
                step.status.value,
                duration(step.seconds) if step.seconds is not None else "",
                step.attempts,
                duration(step.waited_seconds),
                step.row_count if step.row_count is not None else "",
                step.error or step.title,
            ]
            for step in steps
        ],
    )
    for session in ended:
        console.say(f"ended  pid {session.pid} ({session.role}@{session.application}): {session.reason}")
    if changes:
        console.say()
        console.say("The file differs from what was applied:")
        for line in changes:
            console.say(f"  {line}")
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
    return ExitCode.OK


def _difference(applied: str, now: str | None) -> tuple[str, ...]:
    from lockgate.redaction import redact

    if now is None or redact(now) == applied:
        return ()
    lines = difflib.unified_diff(
        applied.splitlines(), redact(now).splitlines(), "as applied", "as it is now", lineterm="", n=1
    )
    return tuple(lines)
