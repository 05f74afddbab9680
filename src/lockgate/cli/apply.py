"""``lockgate apply``: apply the pending migrations."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from lockgate.cli.frame import Workplace, common, to_option
from lockgate.errors import ExitCode

if TYPE_CHECKING:
    from lockgate.console import Console
    from lockgate.planning.plan import Plan
    from lockgate.workflow.apply import Applied, Choice


@click.command(name="apply")
@to_option
@click.option("--until", metavar="VERSION", help="Stop after this version.")
@click.option("--dry-run", is_flag=True, help="Print what would be done; change nothing.")
@click.option("--out-of-order", is_flag=True, help="Apply files that are older than the newest applied one.")
@click.option(
    "--terminate-blockers",
    "blockers",
    multiple=True,
    metavar="[application_name=|role=]PATTERN",
    help="End client sessions that hold what is needed and fit the pattern; may be repeated. Nobody is ended without.",
)
@click.option("--yes", is_flag=True, help="Do not ask before changing a protected target.")
@common
def command(
    place: Workplace,
    target: str | None,
    until: str | None,
    dry_run: bool,
    out_of_order: bool,
    blockers: tuple[str, ...],
    yes: bool,
) -> ExitCode:
    """Apply the pending migrations.

    Each migration and its row in the history are one transaction wherever its statements allow it. What an earlier run
    left half done is finished first. Locks are asked for politely: short time-outs, retries, a budget.
    """
    from lockgate.engine.ending import Rule
    from lockgate.workflow.apply import Choice

    choice = Choice(until, out_of_order, tuple(Rule.parse(text) for text in blockers))
    return _dry_run(place, target, choice) if dry_run else _apply(place, target, choice, yes)


def _dry_run(place: Workplace, name: str | None, choice: Choice) -> ExitCode:
    from lockgate.cli.run_output import plan_documents, say_plans
    from lockgate.migration.files import discover
    from lockgate.workflow.apply import gates_ahead, prospect
    from lockgate.workflow.target import reading

    target, project = place.target(name), discover(place.config)
    with reading(place.config, target) as found:
        ahead = prospect(place.config, project, found, choice)
        gates = gates_ahead(ahead.plans, found.journal.open_gates())
    console, plans = place.console, ahead.plans
    for record in ahead.where.unfinished:
        console.say(f"{record.version}_{record.name} is half applied and would be finished first.")
    say_plans(console, plans)
    console.say(f"{len(plans)} pending on {target.name}; nothing was changed.")
    for remark in ahead.remarks:
        console.say(f"  {remark.severity:<8} {remark.text}")
    if gates:
        console.say(f"It would stop at the gate {gates[0].name!r}: {gates[0].text}")
    console.document(
        {
            "command": "apply",
            "dry_run": True,
            "target": target.name,
            "unfinished": [record.version for record in ahead.where.unfinished],
            "plans": plan_documents(plans),
            "gates": [{"name": gate.name, "text": gate.text} for gate in gates],
            "remarks": [remark.to_json() for remark in ahead.remarks],
        }
    )
    return ExitCode.OK


def _apply(place: Workplace, name: str | None, choice: Choice, yes: bool) -> ExitCode:
    from lockgate.cli.composing import executors
    from lockgate.cli.telling import Teller
    from lockgate.migration.files import discover
    from lockgate.workflow.apply import apply

    console, target, project = place.console, place.target(name), discover(place.config)

    def confirm(plans: Sequence[Plan]) -> None:
        if target.protected:
            console.confirm(f"Apply {len(plans)} migration(s) to {target.name}?", assume_yes=yes)

    result = apply(
        place.config,
        project,
        target,
        choice,
        reporter=Teller(console),
        executors=executors(place.config),
        confirm=confirm,
    )
    _tell(console, target.name, result)
    return ExitCode.NEEDS_PERSON if result.stopped_at else ExitCode.OK


def _tell(console: Console, target: str, result: Applied) -> None:
    from lockgate.cli.run_output import run_document, say_gate, say_total

    gate, version = result.stopped_at, result.next_version
    console.document(
        run_document(
            "apply",
            target,
            result.done,
            stopped_at={"name": gate.name, "text": gate.text, "version": version} if gate else None,
            ended_sessions=[dataclasses.asdict(session) for session in result.ended],
        )
    )
    for session in result.ended:
        console.say(
            f"ended   pid {session.pid} ({session.role}@{session.application}), {session.state}: {session.reason}"
        )
    if result.done:
        say_total(console, "applied", result.done, target)
    elif gate is None:
        console.say(f"{target} is up to date.")
    if gate is not None:
        say_gate(console, gate, version, target)
