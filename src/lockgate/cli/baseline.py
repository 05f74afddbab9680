"""``lockgate baseline``: take over a database that already has the schema of the migrations."""

from __future__ import annotations

import click

from lockgate.cli.frame import Workplace, common, to_option
from lockgate.errors import ExitCode


@click.command(name="baseline")
@click.argument("version", required=False)
@to_option
@click.option("--yes", is_flag=True, help="Do not ask on a protected target.")
@common
def command(place: Workplace, version: str | None, target: str | None, yes: bool) -> ExitCode:
    """Record every migration up to VERSION (default: all) as applied, without running any.

    For a database whose schema was made before Lockgate came. Compare first: lockgate diff --from files --to TARGET.
    """
    from lockgate.migration.files import discover
    from lockgate.workflow.correcting import baseline

    console, found = place.console, place.target(target)
    if found.protected:
        console.confirm(f"Record migrations as applied on {found.name} without running them?", assume_yes=yes)
    recorded = baseline(place.config, discover(place.config), found, version)
    for migration in recorded:
        console.say(f"  recorded     {migration.version}_{migration.name}")
    console.say(f"{len(recorded)} recorded as applied on {found.name}; no statement was run.")
    console.say(f"  next    lockgate status --to {found.name}")
    console.document({"command": "baseline", "target": found.name, "recorded": [m.version for m in recorded]})
    return ExitCode.OK
