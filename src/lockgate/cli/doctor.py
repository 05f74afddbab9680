"""``lockgate doctor``: find what is wrong with files, history and schema."""

from __future__ import annotations

import click

from lockgate.cli.frame import Workplace, common, to_option
from lockgate.errors import ExitCode


@click.command(name="doctor")
@to_option
@click.option("--files-only", is_flag=True, help="Look at the files alone; no database is asked.")
@common
def command(place: Workplace, target: str | None, files_only: bool) -> ExitCode:
    """Find what is wrong with files, history and schema, and say what to do about each.

    Looks for unreadable or ambiguous files, BEGIN without COMMIT, versions of one day that the Supabase CLI confuses,
    edited and unknown versions, a journal or a schema that is older than the other, half-applied migrations, invalid
    indexes, constraints that were never validated and pending detachments. Exit code 5 when something is found.
    """
    from lockgate.config.endpoints import endpoint_of
    from lockgate.migration.files import discover
    from lockgate.workflow.doctor import examine_files, examine_target
    from lockgate.workflow.target import reading

    project = discover(place.config, strict=False)
    complaints = examine_files(project, place.config)
    name, connection = "the files", None
    if not files_only:
        found = place.target(target)
        name, endpoint = found.name, endpoint_of(found.conninfo)
        connection = endpoint.kind.value if endpoint else None
        with reading(place.config, found) as opened:
            complaints += examine_target(project, opened, found.name)
    console = place.console
    if connection:
        console.note(f"{name} is reached through {connection}.")
    console.table(("where", "what", "what to do"), [[c.where, c.what, c.advice] for c in complaints])
    console.say(
        f"{len(complaints)} complaints about {name}." if complaints else f"Nothing is wrong with {name}."
    )
    console.document(
        {
            "command": "doctor",
            "target": None if files_only else name,
            "connection": connection,
            "complaints": [{"where": c.where, "what": c.what, "advice": c.advice} for c in complaints],
        }
    )
    return ExitCode.DRIFT if complaints else ExitCode.OK
