"""``lockgate backfill``: run, watch and steer chunked data migrations."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lockgate.cli.frame import Workplace, common, to_option
from lockgate.errors import ExitCode, InterruptedRunError, UsageError

if TYPE_CHECKING:
    from lockgate.backfill.options import Options
    from lockgate.backfill.run import Observe, Outcome
    from lockgate.chunks.progress import Progress
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
@click.option("--workers", type=click.IntRange(1, 32), default=1, show_default=True)
@click.option("--batch", type=click.IntRange(min=1), metavar="ROWS", help="The first and largest chunk.")
@click.option("--key", metavar="COLUMNS", help="Walk by this unique key.")
@click.option("--walk", metavar="WAY", help="keyset, strided or pages (default: chosen).")
@click.option("--triggers", type=click.Choice(["keep", "skip"]), default="keep", show_default=True)
@click.option("--count", is_flag=True, help="Count the rows first instead of estimating them.")
@click.option("--explain", "only_explain", is_flag=True, help="Say how it would be done, and do nothing.")
@click.option("--background", is_flag=True, help="Only begin it: workers or pg_cron do the work.")
@_gentle
@common
def run_command(place: Workplace, statement: str, target: str | None, **given: Any) -> ExitCode:
    """Run a data statement in chunks, to its proved end; run again, it goes on where it stopped."""
    from lockgate.backfill.run import start, work_on

    options = _options(statement, given)
    sql = _read(statement)
    if given["only_explain"]:
        return _explain(place, target, sql, options)
    with _connected(place, target) as (connect, connection):
        job = start(connection, sql, options, given["name"])
        for line in [*job.reasons[:1], *job.notes]:
            place.console.say(line)
        if given["background"]:
            return _begun(place, job.name)
        with _until_interrupted() as stopped, place.console.progress(job.name, unit="rows") as bar:
            outcome = work_on(
                connect, job, workers=options.workers, observe=_showing(place, bar), stopped=stopped
            )
    return _done(place, outcome)


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
    with _connected(place, target) as (connect, connection):
        names = [name] if name else [p.name for p in read_all_progress(connection) if p.status == "running"]
        for each in names:
            job = get_job(connection, each)
            if job.kind == "function":
                raise UsageError(f"{each} is a Python function; run the program that began it again.")
            with _until_interrupted() as stopped, place.console.progress(each, unit="rows") as bar:
                outcome = work_on(
                    connect, job, workers=workers, observe=_showing(place, bar), stopped=stopped
                )
            code = _done(place, outcome)
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

    with _connected(place, target, reading=True) as (_, connection):
        there = journal_is_there(connection)
        if name and there:
            _tell_one(place, read_outcome(connection, name))
            return ExitCode.OK
        found = read_all_progress(connection) if there else ()
    if name:
        raise UsageError(
            f"There is no backfill called {name!r} here.", next_steps=["lockgate backfill status"]
        )
    place.console.table(
        ("backfill", "state", "done", "rows", "left", "rows/s", "held back by"), map(_row, found)
    )
    if not found:
        place.console.say("There is no backfill here.")
    place.console.document({"command": "backfill status", "backfills": [p.to_json() for p in found]})
    return ExitCode.OK


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

    with _connected(place, target) as (_, connection):
        before = get_job(connection, name).settings
        changes = _changes(given, before.limits)
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

    with _connected(place, target) as (_, connection):
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

    with _connected(place, target, reading=True) as (_, connection):
        lines = list(explain(connection, sql, options).explain())
    for line in lines:
        place.console.say(line)
    place.console.document({"command": "backfill run", "explain": lines})
    return ExitCode.OK


def _options(statement: str, given: dict[str, Any]) -> Options:
    from lockgate.backfill.options import Options, options_from_directive

    options = options_from_directive(_directive_of(statement), Options())
    text = {"batch": given["batch"], "key": given["key"], "walk": given["walk"]}
    options = options_from_directive([(k, str(v)) for k, v in text.items() if v is not None], options)
    settings = replace(options.settings, **_changes(given, options.settings.limits))
    return replace(
        options,
        settings=settings,
        triggers=given["triggers"],
        count_first=given["count"],
        workers=given["workers"],
    )


def _changes(given: dict[str, Any], limits: dict[str, float]) -> dict[str, Any]:
    from lockgate.backfill.options import milliseconds
    from lockgate.chunks.throttle import Throttle

    Throttle(given["ignore_signal"])
    changes: dict[str, Any] = {}
    if given["rate"] is not None:
        changes["rows_per_second"] = given["rate"] or None
    if given["chunk_time"]:
        changes["target_ms"] = milliseconds(given["chunk_time"])
    if given["chunk_pause"]:
        changes["pause_ms"] = milliseconds(given["chunk_pause"])
    if given["quiet_hours"]:
        changes["quiet"] = None if given["quiet_hours"] == "none" else given["quiet_hours"]
    if given["ignore_signal"]:
        changes["ignored_signals"] = tuple(given["ignore_signal"])
    if given["limit"]:
        changes["limits"] = {**limits, **dict(_limit(text) for text in given["limit"])}
    return changes


def _limit(text: str) -> tuple[str, float]:
    name, _, number = text.partition("=")
    try:
        return name, float(number)
    except ValueError as error:
        raise UsageError(f"{text!r} is not a limit.", next_steps=["write it as name=number"]) from error


def _read(statement: str) -> str:
    """The SQL itself, or the one statement of a file."""
    from lockgate.sql.parse import parse

    path = Path(statement)
    if not statement.endswith(".sql"):
        return statement
    if not path.is_file():
        raise UsageError(f"There is no file {statement}.")
    found = parse(path.read_text("utf-8")).statements
    if len(found) != 1:
        raise UsageError(
            f"{statement} holds {len(found)} statements; a backfill is one.",
            next_steps=["put it into a file of its own, or apply the whole file: lockgate apply"],
        )
    return found[0].sql


def _directive_of(statement: str) -> list[tuple[str, str]]:
    from lockgate.sql.parse import parse

    text = (
        Path(statement).read_text("utf-8")
        if statement.endswith(".sql") and Path(statement).is_file()
        else statement
    )
    for comment in parse(text).comments:
        words = comment.text.split()
        if words[:2] == ["lockgate:", "backfill"]:
            pairs = (word.partition("=") for word in words[2:])
            return [(name, value) for name, _, value in pairs]
    return []


class _connected:  # noqa: N801
    """Opens the target: a connection for questions, and what opens further ones."""

    def __init__(self, place: Workplace, target: str | None, *, reading: bool = False) -> None:
        from lockgate.workflow.target import conninfo_of

        self._reading = reading
        self._conninfo = conninfo_of(place.config, place.target(target))
        self._connection: Connection | None = None

    def __enter__(self) -> tuple[Callable[[], Connection], Connection]:
        from lockgate.journal import format as journal_format

        self._connection = self._connect()
        if not self._reading:
            journal_format.ensure(self._connection)
        return self._connect, self._connection

    def __exit__(self, *_: object) -> None:
        if self._connection is not None:
            self._connection.close()

    def _connect(self) -> Connection:
        from lockgate.engine import connecting

        connection = connecting.connect(self._conninfo)
        connection.autocommit = True
        return connection


class _until_interrupted:  # noqa: N801
    """Ctrl-C and SIGTERM end the work behind the running chunk; a second one ends it at once."""

    def __init__(self) -> None:
        self._stopped = threading.Event()
        self._before: dict[int, Any] = {}

    def __enter__(self) -> threading.Event:
        import signal

        for number in (signal.SIGINT, signal.SIGTERM):
            self._before[number] = signal.signal(number, self._stop)
        return self._stopped

    def __exit__(self, *_: object) -> None:
        import signal

        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _stop(self, number: int, frame: object) -> None:
        if self._stopped.is_set():
            raise InterruptedRunError("Stopped at once.", state="the running chunk was rolled back")
        self._stopped.set()


def _showing(place: Workplace, bar: Any) -> Observe:
    from lockgate.backfill.executor import progress_line

    def show(progress: Progress) -> None:
        total = progress.rows_done + (progress.rows_left or 0)
        bar.update(progress.rows_done, total=total, detail=progress_line(progress))
        place.console.event("backfill", **progress.to_json())

    return show


def _begun(place: Workplace, name: str) -> ExitCode:
    place.console.say(f"{name} is begun; nobody works on it yet.")
    place.console.say(f"  next    lockgate backfill work {name}          a worker here, or on any machine")
    place.console.say(f"          lockgate backfill schedule {name}      pg_cron, inside the database")
    place.console.document({"command": "backfill run", "name": name, "status": "running"})
    return ExitCode.OK


def _done(place: Workplace, outcome: Outcome) -> ExitCode:
    from lockgate.console import duration

    progress = outcome.progress
    seconds = (progress.finished_at - progress.started_at).total_seconds() if progress.finished_at else 0
    proof = "counted: none is left" if outcome.job.rows_left == 0 else "each row met exactly once"
    place.console.say(
        f"{progress.name} is done: {progress.rows_done:,} rows in {duration(seconds)}; {proof}."
    )
    place.console.document({"command": "backfill", **outcome.to_json()})
    return ExitCode.OK


def _steer(
    place: Workplace, target: str | None, name: str, act: Callable[[Connection, str], Any], said: str
) -> ExitCode:
    with _connected(place, target) as (_, connection):
        job = act(connection, name)
    place.console.say(said)
    place.console.document(
        {"command": "backfill", "name": job.name, "status": job.status, "desired": job.desired}
    )
    return ExitCode.OK


def _tell_one(place: Workplace, outcome: Outcome) -> None:
    from lockgate.backfill.executor import progress_line

    say, job = place.console.say, outcome.job
    say(f"{job.name}  {outcome.progress.status}  {progress_line(outcome.progress).strip()}")
    say(f"  table   {job.target}, walked {job.reasons[0] if job.reasons else job.walker}")
    left, counted = outcome.progress.rows_left, outcome.progress.counted
    if left is not None:
        say(f"  left    {left:,} rows ({'counted' if counted else 'estimated'})")
    for note in job.notes:
        say(f"  note    {note}")
    if outcome.skipped:
        say(
            f"  aside   {len(outcome.skipped):,} rows, by key: "
            + ", ".join("/".join(k) for k in outcome.skipped[:10])
        )
    if job.error:
        say(f"  why     {job.error}")
    place.console.document({"command": "backfill status", **outcome.to_json()})


def _row(progress: Progress) -> list[object]:
    left = progress.rows_left
    return [
        progress.name,
        progress.status,
        f"{progress.share:.0%}",
        f"{progress.rows_done:,}",
        "" if left is None else f"{left:,}" if progress.counted else f"about {left:,}",
        f"{progress.rows_per_second:,.0f}",
        progress.throttled_by or progress.error or "",
    ]
