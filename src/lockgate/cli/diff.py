"""``lockgate diff``: compare any two schemas."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from lockgate.cli.frame import Workplace, common
from lockgate.errors import ExitCode

if TYPE_CHECKING:
    from lockgate.workflow.drift import Drift


@click.command(name="diff")
@click.option(
    "--from",
    "wanted",
    default="files",
    show_default=True,
    metavar="SIDE",
    help="The schema as it should be: files, files@VERSION, an environment or a connection string.",
)
@click.option(
    "--to",
    "found",
    default="local",
    show_default=True,
    metavar="SIDE",
    help="The schema to compare with it, in the same words.",
)
@click.option(
    "--schema", "schemas", multiple=True, metavar="NAME", help="Compare this schema only; may be given again."
)
@click.option("--pending", is_flag=True, help="Replay the files that the target has not applied yet, too.")
@click.option("--sql", "as_sql", is_flag=True, help="Print only the SQL that makes TO like FROM.")
@common
def command(
    place: Workplace, wanted: str, found: str, schemas: tuple[str, ...], pending: bool, as_sql: bool
) -> ExitCode:
    """Compare any two schemas: the files, a target, another target.

    Files are replayed on a throwaway server, as far as the target has applied them. The order of columns is told and
    does not count. Exit code 5 when the schemas differ.
    """
    from lockgate.migration.files import discover
    from lockgate.workflow.drift import compare

    project = discover(place.config)
    drift = compare(place.config, project, wanted, found, schemas=schemas, pending=pending)
    place.console.document(drift.to_json())
    if as_sql:
        place.console.output("".join(f"{statement};\n" for statement in drift.sql).rstrip("\n"))
    else:
        _tell(place, drift)
    return ExitCode.DRIFT if drift.is_drift else ExitCode.OK


def _tell(place: Workplace, drift: Drift) -> None:
    console = place.console
    shown = drift.differences.without_order.folded
    for item in shown:
        console.say(f"  {item}")
    for bucket in drift.buckets:
        console.say(f"  {bucket.message}")
    for item in drift.order:
        console.say(f"  note    {item}")
    for text in drift.obstacles:
        console.say(f"  note    no SQL for this: {text}")
    if drift.pending:
        console.say(f"  note    left out, not applied on {drift.found} yet: {', '.join(drift.pending)}")
    if not drift.is_drift:
        console.say(f"{drift.found} is as {drift.wanted} says.")
        return
    console.say("")
    number = len(shown) + len(drift.buckets)
    count = f"{number} difference{'' if number == 1 else 's'}"
    console.say(f"{drift.found} differs from {drift.wanted}: {count}.")
    console.say(
        f"  next    lockgate diff --from {drift.wanted} --to {drift.found} --sql    what would close it; read it first"
    )
