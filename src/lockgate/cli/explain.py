"""``lockgate explain``: what a migration locks, for how long, who waits, and how it is undone."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from lockgate.cli.frame import Workplace, common
from lockgate.cli.keeping_lines import keeping_lines, sizes_of
from lockgate.cli.knowledge_options import impact_lines, knowledge_options, learn, say_source
from lockgate.cli.picture_output import FILE, require_picture, write_picture
from lockgate.console import counted
from lockgate.errors import ExitCode

if TYPE_CHECKING:
    from lockgate.analysis.impact.assess import Impact
    from lockgate.console import Console
    from lockgate.migration.model import Migration, Project
    from lockgate.planning.plan import Plan, Step
    from lockgate.workflow.knowledge import Asked


@click.command(name="explain")
@click.argument("files", nargs=-1, metavar="[FILE|VERSION]…")
@click.option(
    "--postgres", type=click.IntRange(14, 18), help="The server's major version (default: the project's)."
)
@click.option(
    "--picture", type=FILE, metavar="FILE", help="Draw the locks and how long they stay, as .svg or .html."
)
@knowledge_options
@common
def command(
    place: Workplace, files: tuple[str, ...], postgres: int | None, picture: Path | None, about: Asked | None
) -> ExitCode:
    """Show the plan of each FILE or VERSION: locks, transactions, gates, the way back.

    Without one: of the newest migration, with the other phases of the change that it belongs to.

    With --to or --stats also what each step means for that target: how long it takes and holds its locks, how many
    queries would wait meanwhile, and what is in its way right now.
    """
    from lockgate.migration.files import discover
    from lockgate.workflow.forecasting import Forecaster
    from lockgate.workflow.planning import plan_migration

    require_picture(picture)
    project = discover(place.config)
    knowledge = learn(place, about)
    major = postgres or (knowledge.major if knowledge else place.config.postgres)
    forecaster = Forecaster(project, major, place.config, knowledge)
    wanted = [_named(place, project, name) for name in files] or project.newest_change()
    plans = [plan_migration(migration, forecaster) for migration in wanted]
    impacts: list[tuple[Impact, ...]] = [()] * len(plans)
    if knowledge is not None:
        from lockgate.workflow.knowledge import impact_of_plan

        impacts = [
            impact_of_plan(plan, forecaster.up(migration), knowledge.statistics)
            for migration, plan in zip(wanted, plans, strict=True)
        ]
    for plan, impact in zip(plans, impacts, strict=True):
        _say(place.console, plan, impact, sizes_of(knowledge))
    if knowledge is not None:
        say_source(place.console, knowledge)
    if picture is not None and plans:
        _draw(place, picture, plans, impacts)
    if not plans:
        place.console.say("There is no migration yet.")
        place.console.say("  next    lockgate new DESCRIPTION")
    document = {"command": "explain", "plans": list(map(_json, plans, impacts))}
    place.console.document(document | ({"target": knowledge.to_json()} if knowledge else {}))
    return ExitCode.OK


def _named(place: Workplace, project: Project, name: str) -> Migration:
    from lockgate.migration.files import read_file

    if project.get(name) is None and Path(name).is_file():
        return read_file(place.config, Path(name))
    return project.find(name)


def _draw(place: Workplace, file: Path, plans: list[Plan], impacts: list[tuple[Impact, ...]]) -> None:
    from lockgate.analysis.impact import spans
    from lockgate.planning.picture import Drawn, draw

    drawn = [
        Drawn(plan, tuple(f"≈ {spans.duration(one.seconds.middle)}" for one in impact))
        for plan, impact in zip(plans, impacts, strict=True)
    ]
    write_picture(place, file, "What is locked, and until when", draw(drawn))


def _json(plan: Plan, impacts: tuple[Impact, ...]) -> dict[str, object]:
    steps = {step.id: impact.to_json() for step, impact in zip(plan.steps, impacts, strict=bool(impacts))}
    return plan.to_json() | {"digest": plan.digest} | ({"impact": steps} if impacts else {})


def _say(console: Console, plan: Plan, impacts: tuple[Impact, ...], sizes: dict[str, int]) -> None:
    strongest = plan.strongest_lock
    lock = f"strongest lock {strongest.sql_name}" if strongest else "no lock that anybody waits for"
    console.say(console.style(plan.label, "bold") + f"   PostgreSQL {plan.server_version}   {lock}")
    for phase in plan.phases:
        if phase.gate:
            console.say(f"\n gate      {phase.gate.text}")
        console.say()
        first = plan.steps.index(phase.steps[0]) if phase.steps else 0
        _say_steps(console, phase.kind.value, phase.steps, impacts[first:], sizes)
    undo = plan.undo
    console.say()
    console.say(
        f" way back  {counted(len(undo.sql), 'statement')} in the rollback file"
        if undo.sql is not None
        else f" way back  none: {undo.reason}"
    )
    console.say()


def _say_steps(
    console: Console,
    kind: str,
    steps: tuple[Step, ...],
    impacts: tuple[Impact, ...],
    sizes: dict[str, int],
) -> None:
    previous: int | None = None
    for number, step in enumerate(steps, 1):
        lead = f" {kind:<9}" if number == 1 else " " * 10
        if number > 1 and previous is not None and step.transaction != previous:
            console.say(console.style("           — commit —", "dim"))
        previous = step.transaction
        console.say(f"{lead} {number:>2}  {step.title}")
        outside = "outside a transaction; " if step.transaction is None else ""
        console.say(console.style(f"               {outside}{_locks(step)}", "dim"))
        known = impact_lines(impacts[number - 1]) if impacts else ()
        for label, words in (*known, *keeping_lines(step, sizes)):
            console.say(f"               {console.style(f'{label:<9}', 'dim')} {words}")


def _locks(step: Step) -> str:
    parts = []
    for lock in step.locks:
        effects = [
            word for flag, word in ((lock.rewrite, "rewrites it"), (lock.scan, "reads every row")) if flag
        ]
        blocked = f"blocks {lock.mode.blocks}"
        parts.append(f"{lock.mode.sql_name} on {lock.relation} ({', '.join([blocked, *effects])})")
    return "; ".join(parts) or "locks nothing that is in use"
