"""``lockgate baseline``: take over a database that already has the schema of the migrations."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from lockgate.cli.frame import Workplace, common, to_option
from lockgate.console import counted
from lockgate.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from lockgate.workflow.beginning import Beginning


@click.command(name="baseline")
@click.argument("version", required=False)
@to_option
@click.option(
    "--from",
    "source",
    metavar="NAME|URL",
    help="Write the missing start of the history from this database, and record it there.",
)
@click.option("--dry-run", is_flag=True, help="With --from: print the files instead of writing them.")
@click.option("--yes", is_flag=True, help="Do not ask on a protected target.")
@common
def command(
    place: Workplace,
    version: str | None,
    target: str | None,
    source: str | None,
    dry_run: bool,
    yes: bool,
) -> ExitCode:
    """Record every migration up to VERSION (default: all) as applied, without running any.

    For a database whose schema was made before Lockgate came. Compare first: lockgate diff --from files --to TARGET.

    With --from the files themselves are made: what the database had before the first migration that its history knows
    (tables made in a dashboard), and what was changed there beside the migrations. Both are tried on an empty database
    first, and recorded as applied where they came from.
    """
    if source is not None:
        if version or target:
            raise UsageError("--from stands alone: without VERSION and without --to.")
        return _from(place, source, dry_run=dry_run, yes=yes)
    if dry_run:
        raise UsageError("--dry-run belongs to --from.")
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


def _from(place: Workplace, source: str, *, dry_run: bool, yes: bool) -> ExitCode:
    from lockgate.migration.files import discover
    from lockgate.workflow import beginning, correcting

    console, target, project = place.console, place.target(source), discover(place.config)
    found = beginning.find(place.config, project, target)
    written = () if dry_run else beginning.write(found)
    if written:
        if target.protected:
            console.confirm(f"Record the files as applied on {target.name}?", assume_yes=yes)
        versions = [part.version for part in found.parts]
        correcting.mark_applied(place.config, discover(place.config), target, versions)
    _tell(place, found, target.name, dry_run=dry_run)
    console.document(
        {
            "command": "baseline",
            "from": target.name,
            "files": [part.path.relative_to(place.config.root).as_posix() for part in found.parts],
            "recorded": [part.version for part in found.parts] if written else [],
            "notes": found.notes,
            "failures": found.failures,
        }
    )
    return ExitCode.NEEDS_PERSON if found.failures else ExitCode.OK


def _tell(place: Workplace, found: Beginning, target: str, *, dry_run: bool) -> None:
    console = place.console
    for part in found.parts:
        label = part.path.relative_to(place.config.root).as_posix()
        if dry_run:
            console.output(f"-- {label}\n{part.text}")
        else:
            console.say(
                f"  wrote    {label}    {counted(len(part.statements), 'statement')}, recorded on {target}"
            )
    for note in found.notes:
        console.say(f"  note     {note}")
    for failure in found.failures:
        console.warn(f"does not play on an empty database: {failure}")
    if not found.parts:
        console.say(f"Nothing is missing: the files make all that {target} has.")
    elif found.failures:
        console.say(f"  next    correct the files, then lockgate diff --from files --to {target}")
    else:
        console.say(f"  next    lockgate local reset, then lockgate diff --from local --to {target}")
