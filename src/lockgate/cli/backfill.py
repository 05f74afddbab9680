"""``lockgate backfill``: run, watch and steer chunked data migrations."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from lockgate.cli.backfill_input import Connected, UntilInterrupted, changes_of, options_of, read_sql
from lockgate.cli.backfill_output import row_of, said, showing, tell_begun, tell_done, tell_one
from lockgate.cli.frame import Workplace, common, to_option
from lockgate.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from lockgate.backfill.options import Options
    from lockgate.chunks.table import Connection


@click.group(name="backfill")
def command() -> None:
    """Run UPDATE, DELETE or INSERT … SELECT in chunks; watch, steer and resume them."""


_gentleness = (
    click.option("--rate", type=float, metavar="ROWS", help="At most so many rows a second, of all workers."),
    click.option("--target", "chunk_time", metavar="TIME", help="How long a chunk may take (default 100ms)."),
    click.option("--pause", "chunk_pause", metavar="TIME", help="A pause after each chunk."),
    click.option("--quiet-hours", metavar="SPAN", help='Rest then: "08:00-18:00 Europe/Berlin".'),
    click.option(
        "--ignore-signal", multiple=True, metavar="SIGNAL", help="Do not look at a throttle signal."
    ),
    click.option("--limit", multiple=True, metavar="NAME=NUMBER", help="Change a limit of the signals."),
)


def _gentle(function: Callable[..., Any]) -> Callable[..., Any]:
    for option in reversed(_gentleness):
        function = option(function)
    return function


@command.command(name="run")
@click.argument("statement", metavar="SQL|FILE")
@to_option
@click.option("--name", help="A name for the backfill (default: made from the table and the statement).")
@click.option("--workers", type=click.IntRange(1, 32), help="So many connections at once (default 1).")
@click.option("--batch", type=click.IntRange(min=1), metavar="ROWS", help="The first and largest chunk.")
@click.option("--key", metavar="COLUMNS", help="Walk by this unique key.")
@click.option("--walk", metavar="WAY", help="keyset, strided or pages (default: chosen).")
@click.option(
    "--triggers", type=click.Choice(["keep", "skip"]), help="Whether user triggers fire (default keep)."
)
@click.option(
    "--left", type=click.Choice(["error", "note"]), help="What rows are that match again at the end."
)
@click.option("--count", is_flag=True, help="Count the rows first instead of estimating them.")
@click.option("--explain", "only_explain", is_flag=True, help="Say how it would be done, and do nothing.")
@click.option("--background", is_flag=True, help="Only begin it: workers or pg_cron do the work.")
@_gentle
@common
def run_command(place: Workplace, statement: str, target: str | None, **given: Any) -> ExitCode:
    """Run a data statement in chunks, to its proved end; run again, it goes on where it stopped."""
    from lockgate.backfill.run import start, work_on

    options = options_of(place.config, statement, given)
    sql = read_sql(statement)
    if given["only_explain"]:
        return _explain(place, target, sql, options)
    with Connected(place, target) as (connect, connection):
        job = start(connection, sql, options, given["name"])
        for line in [*job.reasons[:1], *job.notes]:
            place.console.say(line)
        if given["background"]:
            return tell_begun(place, job.name)
        with UntilInterrupted() as stopped, place.console.progress(job.name, unit="rows") as bar:
            outcome = work_on(
                connect, job, workers=options.workers, observe=showing(place, bar), stopped=stopped
            )
    return tell_done(place, outcome)


@command.command(name="work")
@click.argument("name", required=False)
@to_option
@click.option("--workers", type=click.IntRange(1, 32), default=1, show_default=True)
@common
def work_command(place: Workplace, name: str | None, target: str | None, workers: int) -> ExitCode:
    """Work on a backfill that was begun, here or on another machine (default: every one that is not done)."""
    from lockgate.backfill.run import work_on
    from lockgate.chunks.job import get_job
    from lockgate.chunks.progress import read_all_progress

    code = ExitCode.OK
    with Connected(place, target) as (connect, connection):
        names = [name] if name else [p.name for p in read_all_progress(connection) if p.status == "running"]
        for each in names:
            job = get_job(connection, each)
            if job.kind == "function":
                raise UsageError(f"{each} is a Python function; run the program that began it again.")
            with UntilInterrupted() as stopped, place.console.progress(each, unit="rows") as bar:
                outcome = work_on(connect, job, workers=workers, observe=showing(place, bar), stopped=stopped)
            code = tell_done(place, outcome)
    if not names:
        place.console.say("There is nothing to work on.")
    return code


@command.command(name="status")
@click.argument("name", required=False)
@to_option
@common
def status_command(place: Workplace, name: str | None, target: str | None) -> ExitCode:
    """Show how far each backfill is, how fast, and what holds it back."""
    from lockgate.backfill.run import read_outcome
    from lockgate.chunks.job import journal_is_there
    from lockgate.chunks.progress import read_all_progress

    with Connected(place, target, reading=True) as (_, connection):
        there = journal_is_there(connection)
        if name and there:
            tell_one(place, read_outcome(connection, name))
            return ExitCode.OK
        found = read_all_progress(connection) if there else ()
    if name:
        raise UsageError(
            f"There is no backfill called {name!r} here.", next_steps=["lockgate backfill status"]
        )
    place.console.table(
        ("backfill", "state", "done", "rows", "left", "rows/s", "held back by"), map(row_of, found)
    )
    if not found:
        place.console.say("There is no backfill here.")
    place.console.document({"command": "backfill status", "backfills": [p.to_json() for p in found]})
    return ExitCode.OK


@command.command(name="check")
@click.argument("name")
@to_option
@common
def check_command(place: Workplace, name: str, target: str | None) -> ExitCode:
    """Count what a backfill would still have to do, and the rows whose values are not what its expressions give now.

    Exit code 6 when anything is left.
    """
    from lockgate.backfill.check import check_values

    with Connected(place, target, reading=True) as (_, connection):
        found = check_values(connection, name)
    place.console.say(f"{name}: {said(found.remaining)} left to do.")
    place.console.say(f"  values  {said(found.differing)} differ from what the expressions give now")
    place.console.document({"command": "backfill check", "name": name, **found.to_json()})
    return ExitCode.VERIFICATION_FAILED if found.remaining else ExitCode.OK


@command.command(name="pause")
@click.argument("name")
@to_option
@common
def pause_command(place: Workplace, name: str, target: str | None) -> ExitCode:
    """Stop every worker behind its chunk; nothing is lost."""
    from lockgate.chunks.job import pause

    return _steer(place, target, name, pause, f"{name} is paused.  next    lockgate backfill resume {name}")


@command.command(name="resume")
@click.argument("name")
@to_option
@common
def resume_command(place: Workplace, name: str, target: str | None) -> ExitCode:
    """Let a backfill go on that was paused, cancelled, or stopped by an error."""
    from lockgate.chunks.job import resume

    return _steer(place, target, name, resume, f"{name} may go on.  next    lockgate backfill work {name}")


@command.command(name="cancel")
@click.argument("name")
@to_option
@common
def cancel_command(place: Workplace, name: str, target: str | None) -> ExitCode:
    """End a backfill; rows that are done stay done."""
    from lockgate.backfill.cron import unschedule
    from lockgate.chunks.job import Job, cancel

    def end(connection: Connection, job_name: str) -> Job:
        job = cancel(connection, job_name)
        unschedule(connection, job)
        return job

    return _steer(place, target, name, end, f"{name} is cancelled.")


@command.command(name="throttle")
@click.argument("name")
@to_option
@_gentle
@common
def throttle_command(place: Workplace, name: str, target: str | None, **given: Any) -> ExitCode:
    """Change how gently a backfill goes, while it runs. ``--rate 0`` and ``--quiet-hours none`` take a limit away."""
    from lockgate.chunks.job import change_settings, get_job

    with Connected(place, target) as (_, connection):
        before = get_job(connection, name).settings
        changes = changes_of(given, before.limits)
        if not changes:
            raise UsageError("Say what to change.", next_steps=["lockgate backfill throttle --help"])
        job = change_settings(connection, name, **changes)
    place.console.say(f"{name}: every worker knows within a second.")
    place.console.document({"command": "backfill throttle", "name": name, "settings": job.settings.to_json()})
    return ExitCode.OK


@command.command(name="schedule")
@click.argument("name")
@to_option
@click.option("--workers", type=click.IntRange(1, 8), default=1, show_default=True)
@click.option("--stop", is_flag=True, help="Take it out of the schedule.")
@common
def schedule_command(place: Workplace, name: str, target: str | None, workers: int, stop: bool) -> ExitCode:
    """Let pg_cron work on a backfill inside the database, with no process outside."""
    from lockgate.backfill.cron import schedule, unschedule
    from lockgate.chunks.job import get_job

    with Connected(place, target) as (_, connection):
        job = get_job(connection, name)
        names = () if stop else schedule(connection, job, workers)
        removed = unschedule(connection, job) if stop else 0
    word = (
        f"{removed} cron jobs of {name} removed."
        if stop
        else f"pg_cron works on {name} from the next minute on."
    )
    place.console.say(word)
    place.console.document({"command": "backfill schedule", "name": name, "cron_jobs": list(names)})
    return ExitCode.OK


def _explain(place: Workplace, target: str | None, sql: str, options: Options) -> ExitCode:
    from lockgate.backfill.run import explain

    with Connected(place, target, reading=True) as (_, connection):
        lines = list(explain(connection, sql, options).explain())
    for line in lines:
        place.console.say(line)
    place.console.document({"command": "backfill run", "explain": lines})
    return ExitCode.OK


def _steer(
    place: Workplace, target: str | None, name: str, act: Callable[[Connection, str], Any], said: str
) -> ExitCode:
    with Connected(place, target) as (_, connection):
        job = act(connection, name)
    place.console.say(said)
    place.console.document(
        {"command": "backfill", "name": job.name, "status": job.status, "desired": job.desired}
    )
    return ExitCode.OK
