"""``lockgate repair``: correct the history after a person has checked the database."""

from __future__ import annotations

import click

from lockgate.cli.frame import Workplace, common, to_option
from lockgate.console import counted
from lockgate.errors import ExitCode, UsageError


@click.command(name="repair")
@click.argument("versions", nargs=-1, metavar="[VERSION…]")
@to_option
@click.option("--applied", "way", flag_value="applied", help="It is in the database: record it as applied.")
@click.option("--reverted", "way", flag_value="reverted", help="It is not in the database: forget it.")
@click.option(
    "--checksum", "way", flag_value="checksum", help="The edited file is right: take over its checksum."
)
@click.option(
    "--import",
    "way",
    flag_value="import",
    help="It has no file here: write the file from the stored statements (without VERSION: all such).",
)
@click.option(
    "--step", metavar="STEP", help="Settle one step of an unfinished migration (with --done or --not-done)."
)
@click.option("--done/--not-done", "done", default=None, help="Whether that step was done.")
@click.option("--yes", is_flag=True, help="Do not ask on a protected target.")
@common
def command(
    place: Workplace,
    versions: tuple[str, ...],
    target: str | None,
    way: str | None,
    step: str | None,
    done: bool | None,
    yes: bool,
) -> ExitCode:
    """Correct the history of VERSION… after you have looked at the database; no statement is run."""
    from lockgate.migration.files import discover
    from lockgate.workflow import correcting

    if (step is None) != (done is None) or (way is None) == (step is None):
        raise UsageError(
            "Say exactly one of --applied, --reverted, --checksum, --import, or --step STEP with --done or --not-done."
        )
    if way == "import":
        return _import(place, versions, target)
    if not versions:
        raise UsageError("Say which VERSION to correct.", next_steps=["lockgate status   shows them"])
    console, found, project = place.console, place.target(target), discover(place.config)
    if found.protected:
        console.confirm(f"Correct the history of {', '.join(versions)} on {found.name}?", assume_yes=yes)
    changed: tuple[str, ...] = versions
    if step is not None:
        correcting.settle_step(place.config, found, project.find(versions[0]).version, step, done=bool(done))
    elif way == "applied":
        changed = correcting.mark_applied(place.config, project, found, versions)
    elif way == "reverted":
        changed = correcting.mark_reverted(place.config, project, found, versions)
    else:
        changed = correcting.accept_files(place.config, project, found, versions)
    console.say(f"Corrected on {found.name}: {', '.join(changed)}.")
    console.say(f"  next    lockgate status --to {found.name}")
    console.document({"command": "repair", "target": found.name, "versions": list(changed)})
    return ExitCode.OK


def _import(place: Workplace, versions: tuple[str, ...], target: str | None) -> ExitCode:
    from lockgate.migration.files import discover
    from lockgate.workflow import importing

    console, found = place.console, place.target(target)
    imported = importing.missing(place.config, discover(place.config), found, versions)
    written = importing.write(imported)
    for path in written:
        console.say(f"  wrote    {path.relative_to(place.config.root).as_posix()}")
    left = [one for one in imported if one.obstacle]
    for one in left:
        console.warn(f"{one.version} {one.name}: {one.obstacle}")
    console.say(
        f"{counted(len(written), 'file')} written from the history of {found.name}; no database was changed."
    )
    if left:
        console.say(
            f"  next    lockgate repair {left[0].version} --reverted --to {found.name}    forgets it there"
        )
    elif written:
        console.say("  next    lockgate local reset    replays them")
    console.document(
        {
            "command": "repair",
            "target": found.name,
            "versions": [one.version for one in imported if one.path],
            "files": [path.relative_to(place.config.root).as_posix() for path in written],
            "left": [{"version": one.version, "name": one.name, "why": one.obstacle} for one in left],
        }
    )
    return ExitCode.NEEDS_PERSON if left else ExitCode.OK
