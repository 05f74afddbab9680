"""``lockgate rollback``: derive rollback files, or go back to a version."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from lockgate.cli.frame import Workplace, common, optional_command, to_option
from lockgate.errors import ExitCode

if TYPE_CHECKING:
    from lockgate.planning.plan import Plan


@click.group(name="rollback")
def command() -> None:
    """Derive rollback files, or go back to a version."""


@command.command(name="to")
@click.argument("version")
@to_option
@click.option("--dry-run", is_flag=True, help="Show what would be undone; change nothing.")
@click.option("--yes", is_flag=True, help="Do not ask before changing a protected target.")
@common
def to(place: Workplace, version: str, target: str | None, dry_run: bool, yes: bool) -> ExitCode:
    """Undo every migration after VERSION, newest first ("0": all of them).

    Nothing begins unless each of them has a rollback. Each rollback and its row in the history are one transaction
    wherever its statements allow it.
    """
    return _dry_run(place, target, version) if dry_run else _roll_back(place, target, version, yes)


def _dry_run(place: Workplace, name: str | None, version: str) -> ExitCode:
    from lockgate.cli.run_output import plan_documents, say_plans
    from lockgate.console import counted
    from lockgate.migration.files import discover
    from lockgate.workflow.rollback import way_back
    from lockgate.workflow.target import reading

    console, target = place.console, place.target(name)
    with reading(place.config, target) as found:
        plans = way_back(place.config, discover(place.config), found, version)
    say_plans(console, plans, forth=False)
    console.say(
        f"{counted(len(plans), 'migration')} to undo on {target.name}, in this order; nothing was changed."
    )
    console.document(
        {"command": "rollback", "dry_run": True, "target": target.name, "plans": plan_documents(plans)}
    )
    return ExitCode.OK


def _roll_back(place: Workplace, name: str | None, version: str, yes: bool) -> ExitCode:
    from lockgate.cli.composing import executors
    from lockgate.cli.run_output import run_document, say_total
    from lockgate.cli.telling import Teller
    from lockgate.migration.files import discover
    from lockgate.workflow.rollback import roll_back

    console, found = place.console, place.target(name)

    def confirm(plans: Sequence[Plan]) -> None:
        if found.protected:
            versions = ", ".join(plan.version for plan in plans)
            console.confirm(f"Undo {versions} on {found.name}?", assume_yes=yes)

    done = roll_back(
        place.config,
        discover(place.config),
        found,
        version,
        reporter=Teller(console),
        executors=executors(place.config),
        confirm=confirm,
    )
    console.document(run_document("rollback", found.name, done))
    if done:
        say_total(console, "rolled back", done, found.name)
    else:
        console.say(f"{found.name} is already at {version}; there was nothing to undo.")
    return ExitCode.OK


optional_command(command, "rollback_write", "write")
