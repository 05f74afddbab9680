"""``lockgate recover``: what completed of a half-applied migration, what did not; finish it or undo it."""

from __future__ import annotations

import click

from lockgate.cli.frame import Workplace, common, to_option
from lockgate.errors import ExitCode, UsageError


@click.command(name="recover")
@to_option
@click.option("--finish", is_flag=True, help="Carry the unfinished migration, or rollback, to its end.")
@click.option("--undo", is_flag=True, help="Take back what the unfinished migration has done.")
@click.option("--yes", is_flag=True, help="Do not ask on a protected target.")
@common
def command(place: Workplace, target: str | None, finish: bool, undo: bool, yes: bool) -> ExitCode:
    """Finish or undo a half-applied migration; without an option, show its state.

    Exit code 8 while something is unfinished, 0 when nothing is.
    """
    if finish and undo:
        raise UsageError("--finish and --undo exclude each other.")
    return (
        _act(place, target, "finish" if finish else "undo", yes) if finish or undo else _show(place, target)
    )


def _show(place: Workplace, name: str | None) -> ExitCode:
    from lockgate.migration.files import discover
    from lockgate.workflow.recover import survey
    from lockgate.workflow.target import reading

    console, target = place.console, place.target(name)
    with reading(place.config, target) as opened:
        found = survey(opened, discover(place.config), place.config)
    for item in found:
        console.say(f"{item.record.version}_{item.record.name} is unfinished ({item.record.status.value}).")
        rows = [[s.step.id, s.state, s.step.title, s.record.error if s.record else ""] for s in item.steps]
        console.table(("step", "state", "what", "error"), rows)
        if item.can_finish:
            console.say(f"  next    lockgate recover --finish --to {target.name}   does what is not done")
        if item.can_undo:
            console.say(f"  next    lockgate recover --undo --to {target.name}   takes back what is done")
    if not found:
        console.say(f"Nothing is unfinished on {target.name}.")
    console.document(
        {
            "command": "recover",
            "target": target.name,
            "unfinished": [
                {
                    "version": item.record.version,
                    "name": item.record.name,
                    "status": item.record.status.value,
                    "can_finish": item.can_finish,
                    "can_undo": item.can_undo,
                    "steps": [{"id": s.step.id, "state": s.state, "title": s.step.title} for s in item.steps],
                }
                for item in found
            ],
        }
    )
    return ExitCode.NEEDS_PERSON if found else ExitCode.OK


def _act(place: Workplace, name: str | None, way: str, yes: bool) -> ExitCode:
    from lockgate.cli.composing import executors
    from lockgate.cli.run_output import run_document, say_total
    from lockgate.cli.telling import Teller
    from lockgate.migration.files import discover
    from lockgate.workflow import recover

    console, target = place.console, place.target(name)
    if target.protected:
        console.confirm(f"{way.capitalize()} what is unfinished on {target.name}?", assume_yes=yes)
    action = recover.finish if way == "finish" else recover.undo
    done = action(
        place.config,
        discover(place.config),
        target,
        reporter=Teller(console),
        executors=executors(place.config),
    )
    console.document(run_document(f"recover --{way}", target.name, done))
    say_total(console, "finished" if way == "finish" else "undone", done, target.name)
    return ExitCode.OK
