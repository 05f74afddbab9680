"""Starts a backfill, or goes on with one that was begun, and reports how it ended."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lockgate.backfill.options import Options
from lockgate.backfill.preparation import Preparation, prepare, specify
from lockgate.chunks import crew
from lockgate.chunks.job import Job, create_job, find_job, get_job, resume
from lockgate.chunks.progress import Progress, read_progress
from lockgate.chunks.table import Connection
from lockgate.chunks.watch import Connect
from lockgate.chunks.worker import InServer, patiently
from lockgate.errors import (
    InterruptedRunError,
    NeedsPersonError,
    UsageError,
    VerificationError,
)
from lockgate.journal import format as journal_format
from lockgate.sql.parse import Statement

Observe = Callable[[Progress], None]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a backfill ended: its job, the last progress, and the rows that were set aside, by key."""

    job: Job
    progress: Progress
    skipped: tuple[tuple[str, ...], ...]

    def to_json(self) -> dict[str, Any]:
        """The outcome as the machine output has it."""
        return {
            **self.progress.to_json(),
            "why": self.job.reasons,
            "notes": self.job.notes,
            "skipped": [list(key) for key in self.skipped],
        }


def start(
    connection: Connection, sql: str | Statement, options: Options | None = None, name: str | None = None
) -> Job:
    """Prepare a statement and store its job, or find the one that was begun; nothing is changed in the table yet.

    Raises UsageError when another statement has the name, and what :func:`prepare` raises.
    """
    journal_format.ensure(connection)
    text = sql if isinstance(sql, str) else sql.sql
    with connection.transaction():
        connection.execute("SET TRANSACTION READ WRITE")
        connection.execute(
            "SET LOCAL statement_timeout = 0"
        )  # to plan is quick, but a first count may take a while
        return _find_or_create(connection, sql, text, options, name)


def _find_or_create(
    connection: Connection, sql: str | Statement, text: str, options: Options | None, name: str | None
) -> Job:
    known = find_job(connection, name) if name else None
    if known is not None:
        return _again(connection, known, text)
    preparation = prepare(connection, sql, options)
    known = find_job(connection, preparation.default_name) if name is None else None
    if known is not None:
        return _again(connection, known, text)
    return create_job(connection, specify(connection, preparation, name))


def run(
    connect: Connect,
    sql: str | Statement,
    options: Options | None = None,
    *,
    name: str | None = None,
    observe: Observe | None = None,
    stopped: threading.Event | None = None,
) -> Outcome:
    """Run a statement in chunks until it is done and proved.

    ``connect`` opens direct connections. Running it again goes on behind the last committed chunk. Raises
    VerificationError when rows are left, NeedsPersonError when it was cancelled, InterruptedRunError when ``stopped``
    was set before the end.
    """
    options = options or Options()
    with connect() as connection:
        connection.autocommit = True
        # A role may be limited to short or reading statements; what is set here holds for this connection only.
        connection.execute("SET default_transaction_read_only = off")
        job = start(connection, sql, options, name)
    return work_on(connect, job, workers=options.workers, observe=observe, stopped=stopped)


def work_on(
    connect: Connect,
    job: Job,
    *,
    workers: int = 1,
    observe: Observe | None = None,
    stopped: threading.Event | None = None,
    should_stop: Callable[[], bool] | None = None,
    performer: Callable[[], Any] = InServer,
) -> Outcome:
    """Work on a stored job to its end; raises as :func:`run` does."""
    if job.status == "running":
        # An interruption ends the workers behind their chunks; what was reached is then told like any other end.
        with contextlib.suppress(KeyboardInterrupt):
            crew.work(
                connect,
                job,
                workers=workers,
                observe=observe,
                stopped=stopped,
                should_stop=should_stop,
                performer=performer,
            )
    outcome = patiently(connect, job, lambda connection: read_outcome(connection, job.name))
    _raise_unless_done(outcome)
    return outcome


def read_outcome(connection: Connection, name: str) -> Outcome:
    """The state of a job with the keys of the rows that were set aside in its last sweep."""
    job = get_job(connection, name)
    rows = connection.execute(
        "SELECT row_key FROM lockgate.backfill_skipped WHERE job_id = %s AND sweep = %s ORDER BY id",
        [job.id, job.sweep],
    ).fetchall()
    return Outcome(job, read_progress(connection, name), tuple(tuple(row[0]) for row in rows))


def explain(connection: Connection, sql: str | Statement, options: Options | None = None) -> Preparation:
    """What would be done and why; changes nothing, not even the journal."""
    return prepare(connection, sql, options)


def _again(connection: Connection, job: Job, sql: str) -> Job:
    if job.statement.strip() != sql.strip():
        raise UsageError(
            f"The name {job.name} belongs to another statement.",
            state="nothing was changed",
            next_steps=["choose another name", f"or end the other one: lockgate backfill cancel {job.name}"],
        )
    return job if job.status in ("running", "done") else resume(connection, job.name)


def _raise_unless_done(outcome: Outcome) -> None:
    job, progress = outcome.job, outcome.progress
    if job.status == "done":
        return
    if job.status == "incomplete":
        raise VerificationError(
            f"The backfill {job.name} went over the whole table, but {_what_is_left(outcome)}.",
            state=f"{progress.rows_done:,} rows are changed and stay so",
            why=_why_left(outcome),
            next_steps=_after_incomplete(outcome),
            evidence=f"lockgate backfill status {job.name} --json lists the keys of rows that were set aside",
        )
    if job.status == "cancelled":
        raise NeedsPersonError(
            f"The backfill {job.name} was cancelled.",
            state=f"{progress.rows_done:,} rows are changed and stay so; the others are as before",
            next_steps=[f"lockgate backfill resume {job.name}      goes on where it stopped"],
        )
    raise InterruptedRunError(
        f"The backfill {job.name} was stopped before its end.",
        state=f"{progress.rows_done:,} rows are changed; nothing is half-written",
        next_steps=[f"lockgate backfill work {job.name}      goes on behind the last committed chunk"],
    )


def _what_is_left(outcome: Outcome) -> str:
    skipped = len(outcome.skipped)
    if outcome.job.rows_left:
        return f"{outcome.job.rows_left:,} rows still match its WHERE"
    return f"{skipped:,} rows could not be changed"


def _why_left(outcome: Outcome) -> str | None:
    reasons = []
    if outcome.job.rows_unfixable:
        reasons.append(
            f"for {outcome.job.rows_unfixable:,} rows the new values leave them in the set (the expression gives NULL,"
            " as first_name || ' ' || last_name does when either part is NULL)"
        )
    if outcome.skipped:
        reasons.append(f"{len(outcome.skipped):,} rows raise an error when they are changed")
    left = (outcome.job.rows_left or 0) - (outcome.job.rows_unfixable or 0) - len(outcome.skipped)
    if left > 0:
        reasons.append(
            f"{left:,} rows came back into the set while it was walked: the application still writes such rows"
        )
    return "; ".join(reasons) or None


def _after_incomplete(outcome: Outcome) -> list[str]:
    steps = []
    if outcome.job.rows_unfixable:
        steps.append("use an expression that is never NULL, such as concat_ws(' ', first_name, last_name)")
    if (outcome.job.rows_left or 0) > (outcome.job.rows_unfixable or 0):
        steps.append("let a trigger or a default fill new rows before the backfill runs again")
    return [*steps, f"lockgate backfill resume {outcome.job.name}      tries what is left once more"]
