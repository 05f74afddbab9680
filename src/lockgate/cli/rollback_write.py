"""``lockgate rollback write``: derive rollback files from the migrations and the schemas around them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import click

from lockgate.cli.frame import Workplace, common
from lockgate.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from lockgate.workflow.rollback_writing import Written


@click.command(name="write")
@click.argument("versions", nargs=-1, metavar="[VERSION…]")
@click.option("--force", is_flag=True, help="Write over a rollback that is there.")
@click.option("--dry-run", is_flag=True, help="Print the files instead of writing them.")
@click.option(
    "--keep-limit",
    default="1GB",
    show_default=True,
    metavar="SIZE",
    help="The most that the rows kept for one statement may take.",
)
@click.option(
    "--keep-days",
    type=click.IntRange(1, 3650),
    default=30,
    show_default=True,
    help="After how many days kept rows may go.",
)
@click.option(
    "--postgres",
    "major",
    type=click.IntRange(15, 18),
    help="The server's major version (default: the project's).",
)
@common
def command(
    place: Workplace,
    versions: tuple[str, ...],
    force: bool,
    dry_run: bool,
    keep_limit: str,
    keep_days: int,
    major: int | None,
) -> ExitCode:
    """Derive the rollback of each VERSION, or of every migration that has none.

    The migrations run on a throwaway server; every rollback is proved there, rows included, before it is written. What
    has no way back gets a file that says why. Without a server, what the text alone tells is written and marked as not
    proved. Exit code 6 when a migration does not apply, or nothing could be derived for one.
    """
    from lockgate.inverse import Policy
    from lockgate.migration.files import discover
    from lockgate.workflow.rollback_writing import Order, Outcome, save, write_rollbacks

    project = discover(place.config)
    wanted = frozenset(project.find(text).version for text in versions) or None
    order = Order(wanted, Policy(_bytes(keep_limit), keep_days), major, force=force)
    total = len(wanted or [item for item in project.migrations if order.wants(item)])
    with place.console.progress("deriving", total, "rollbacks") as progress:
        found = write_rollbacks(
            place.config, project, order, lambda one: progress.advance(1, one.migration.version)
        )
    if not dry_run:
        save(found)
    _tell(place, found, dry_run)
    failed = any(one.outcome in (Outcome.NOT_APPLIED, Outcome.UNKNOWN) for one in found)
    return ExitCode.VERIFICATION_FAILED if failed else ExitCode.OK


_UNITS = {"": 1, "kb": 1 << 10, "mb": 1 << 20, "gb": 1 << 30, "tb": 1 << 40}


def _bytes(text: str) -> int:
    match = re.fullmatch(r"\s*([0-9]+)\s*([kmgt]?b)?\s*", text, re.IGNORECASE)
    if match is None:
        raise UsageError(f"{text!r} is not a size", next_steps=["--keep-limit 500MB"])
    return int(match[1]) * _UNITS[(match[2] or "").lower()]


def _tell(place: Workplace, found: tuple[Written, ...], dry_run: bool) -> None:
    console, root = place.console, place.config.root
    console.document(
        {"command": "rollback write", "dry_run": dry_run, "written": [one.to_json(root) for one in found]}
    )
    if not found:
        console.say("Every migration has a rollback, or says that there is none.")
    for one in found:
        if dry_run and one.text:
            console.output(one.text)
        shown = one.to_json(root)
        console.say(f"  {one.outcome.value:<12}  {one.migration.version} {one.migration.name}")
        for word, values in (("why", [one.reason]), ("keeps", one.kept), ("note", one.remarks)):
            for value in values:
                if value:
                    console.say(f"                {word:<5}  {value}")
        if one.text and not dry_run:
            console.say(f"                wrote  {shown['file']}")
    if any(one.text for one in found) and not dry_run:
        console.say("")
        console.say("  next    lockgate test   proves them together with everything else")
