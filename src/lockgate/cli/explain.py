"""``lockgate explain``: what a migration locks, for how long, who waits, and how it is undone."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from lockgate.cli.frame import Workplace, common
from lockgate.errors import ExitCode

if TYPE_CHECKING:
    from lockgate.console import Console
    from lockgate.planning.plan import Plan, Step


@click.command(name="explain")
@click.argument("files", nargs=-1, metavar="[FILE|VERSION]…")
@click.option(
    "--postgres", type=click.IntRange(14, 18), help="The server's major version (default: the project's)."
)
@common
def command(place: Workplace, files: tuple[str, ...], postgres: int | None) -> ExitCode:
    """Show the plan of each FILE or VERSION (default: the newest migration): locks, transactions, the way back."""
    from lockgate.migration.files import discover, read_file
    from lockgate.workflow.forecasting import Forecaster
    from lockgate.workflow.planning import plan_migration

    project = discover(place.config)
    major = postgres or place.config.postgres
    forecaster = Forecaster(project, major, place.config)
    newest = [project.newest] if project.newest else []
    wanted = [
        read_file(place.config, Path(name))
        if project.get(name) is None and Path(name).is_file()
        else project.find(name)
        for name in files
    ] or newest
    plans = [plan_migration(migration, forecaster) for migration in wanted]
    for plan in plans:
        _say(place.console, plan)
    if not plans:
        place.console.say("There is no migration yet.")
        place.console.say("  next    lockgate new DESCRIPTION")
    place.console.document(
        {"command": "explain", "plans": [plan.to_json() | {"digest": plan.digest} for plan in plans]}
    )
    return ExitCode.OK


def _say(console: Console, plan: Plan) -> None:
    strongest = plan.strongest_lock
    lock = f"strongest lock {strongest.sql_name}" if strongest else "no lock that anybody waits for"
    console.say(
        console.style(f"{plan.version}_{plan.name}", "bold") + f"   PostgreSQL {plan.server_version}   {lock}"
    )
    for phase in plan.phases:
        if phase.gate:
            console.say(f"\n gate      {phase.gate.text}")
        console.say()
        _say_steps(console, phase.kind.value, phase.steps)
    undo = plan.undo
    console.say()
    console.say(
        f" way back  {len(undo.sql)} statements in the rollback file"
        if undo.sql is not None
        else f" way back  none: {undo.reason}"
    )
    console.say()


def _say_steps(console: Console, kind: str, steps: tuple[Step, ...]) -> None:
    previous: int | None = -1
    for number, step in enumerate(steps, 1):
        lead = f" {kind:<9}" if number == 1 else " " * 10
        if step.transaction != previous and step.transaction is not None and number > 1:
            console.say(console.style("           — commit —", "dim"))
        previous = step.transaction
        console.say(f"{lead} {number:>2}  {step.title}")
        outside = "outside a transaction; " if step.transaction is None else ""
        console.say(console.style(f"               {outside}{_locks(step)}", "dim"))


def _locks(step: Step) -> str:
    parts = []
    for lock in step.locks:
        effects = [
            word for flag, word in ((lock.rewrite, "rewrites it"), (lock.scan, "reads every row")) if flag
        ]
        blocked = f"blocks {lock.mode.blocks}"
        parts.append(f"{lock.mode.sql_name} on {lock.relation} ({', '.join([blocked, *effects])})")
    return "; ".join(parts) or "locks nothing that is in use"
