"""Carries out the steps of kind ``backfill`` for the engine."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from lockgate.backfill.options import Options, options_from_directive
from lockgate.backfill.run import Observe, start, work_on
from lockgate.chunks.job import Job, find_job
from lockgate.chunks.progress import Progress
from lockgate.chunks.table import Connection
from lockgate.console import duration
from lockgate.engine import stops
from lockgate.engine.executors import ExecutionContext
from lockgate.errors import StepFailedError
from lockgate.journal import format as journal_format
from lockgate.planning.plan import Step

_SECONDS_BETWEEN_REPORTS = 10.0


class BackfillExecutor:
    """An Executor; ``options`` are those of the project, which the directive's options override."""

    def __init__(self, options: Options | None = None) -> None:
        self._options = options or Options()

    def execute(self, step: Step, context: ExecutionContext) -> int:
        """Run the step's statement in chunks to its proved end, or go on where a killed run stopped.

        The job is fenced by the run's token. Raises from the error tree, as :func:`lockgate.backfill.run.run` does.
        """
        if len(step.sql) != 1:
            raise StepFailedError(
                f"The backfill step {step.id} must hold one statement, not {len(step.sql)}."
            )
        connection = context.connect("backfill")
        try:
            options = options_from_directive(step.options, _usual(self._options, connection, context))
            job = _own(connection, step, context, options)
        finally:
            connection.close()
        outcome = work_on(
            lambda: context.connect("backfill"),
            job,
            workers=options.workers,
            observe=_telling(context),
            should_stop=stops.interrupted,
        )
        return outcome.progress.rows_done


def _usual(options: Options, connection: Connection, context: ExecutionContext) -> Options:
    """The way back must end while the application goes on writing, as one statement over the whole table would."""
    row = connection.execute(
        "SELECT direction FROM lockgate.step WHERE id = %s", [context.step_row]
    ).fetchone()
    if row is None or row[0] != "down":
        return options
    return replace(options, settings=replace(options.settings, left="note"))


def _own(connection: Connection, step: Step, context: ExecutionContext, options: Options) -> Job:
    journal_format.ensure(connection)
    name = f"{context.plan.version}/{step.id}"
    known = find_job(connection, name)
    if known is not None and not _of_this_application(connection, known, context.step_row):
        # The migration was rolled back since; its old backfill stays in the books under another name.
        connection.execute(
            "UPDATE lockgate.backfill_job SET name = name || ' (' || id || ')',"
            " status = CASE status WHEN 'running' THEN 'cancelled' ELSE status END WHERE id = %s",
            [known.id],
        )
    job = start(connection, step.sql[0], options, name)
    connection.execute(
        "UPDATE lockgate.backfill_job SET run_token = %s WHERE id = %s", [context.token, job.id]
    )
    return job


def _of_this_application(connection: Connection, job: Job, step_row: int) -> bool:
    """Whether a job was begun by an attempt at this step that has not been rolled back since."""
    row = connection.execute(
        "SELECT (SELECT created_at FROM lockgate.backfill_job WHERE id = %s) >= min(attempt.started_at)"
        " FROM lockgate.step AS this JOIN lockgate.step AS attempt"
        " ON (attempt.version, attempt.step, attempt.direction) = (this.version, this.step, this.direction)"
        " WHERE this.id = %s AND attempt.status <> 'superseded'",
        [job.id, step_row],
    ).fetchone()
    return bool(row and row[0])


def _telling(context: ExecutionContext) -> Observe:
    return _Teller(lambda text: context.reporter.notice("INFO", text)).hear


class _Teller:
    """Tells about every ten seconds how far it is."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell = tell
        self._last = time.monotonic()

    def hear(self, progress: Progress) -> None:
        """Say a line when it is time."""
        if time.monotonic() - self._last >= _SECONDS_BETWEEN_REPORTS:
            self._last = time.monotonic()
            self._tell(progress_line(progress))


def progress_line(progress: Progress) -> str:
    """One line on how far a backfill is, how fast, and what holds it back."""
    parts = [f"{progress.share:4.0%}", f"{progress.rows_done:,} rows"]
    if progress.seconds_left is not None:
        parts.append(f"about {duration(progress.seconds_left)} left")
    return "  ".join([*parts, progress_detail(progress)]).rstrip()


def progress_detail(progress: Progress) -> str:
    """How fast it is, and what holds it back."""
    parts = [f"{progress.rows_per_second:,.0f} a second"] if progress.workers else []
    if progress.chunk_size:
        parts.append(f"chunks of {progress.chunk_ms or 0:.0f} ms")
    if progress.throttled_by:
        parts.append(f"held back by {progress.throttled_by}")
    return "  ".join(parts)
