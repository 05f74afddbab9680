"""Steps outside any transaction: intent, statement and record are three commits, and the catalog settles the rest."""

from __future__ import annotations

import time

import psycopg

from lockgate.engine import stops
from lockgate.engine.boundaries import reach
from lockgate.engine.executors import ExecutionContext
from lockgate.engine.failures import classify
from lockgate.engine.work import GONE, Attempt, Group, Work
from lockgate.journal.model import StepStatus
from lockgate.planning.plan import LockPolicy, Step


def run(work: Work, group: Group) -> None:
    """Do one step that cannot be part of a transaction; raises from the error tree.

    Before each try the probe looks what an earlier one has left: a whole result is recorded, a half one is finished or
    removed. A step that began, whose end nobody saw and that leaves no trace, is left to a person.
    """
    attempt = Attempt()
    while True:
        attempt.number += 1
        try:
            if not _settled_by_probe(work, group, attempt):
                _refuse_guess(group)
                _try(work, group, attempt)
            return
        except psycopg.Error as error:
            group = _clear_up(work, group, error)
            work.after_failure(group, attempt, error)


def _settled_by_probe(work: Work, group: Group, attempt: Attempt) -> bool:
    """Whether the step turned out to be done, or could be finished, without doing it again."""
    step = group.first
    if step.probe is None:
        return False
    state = probe(work, step)
    if state == "half":
        clean(work, step)
        state = "done" if step.probe.finishes else "none"
    if state != "done" or group.earlier is None:
        return False
    _record_done(work, group, attempt)
    return True


def probe(work: Work, step: Step) -> str:
    """How far a step got: ``none``, ``half`` or ``done``."""
    assert step.probe is not None
    row = work.connection.execute(step.probe.sql).fetchone()
    return str(row[0]) if row else "none"


def clean(work: Work, step: Step) -> None:
    """Remove, or finish, what a step left half done; waits for locks as long as it takes, while the watch looks."""
    assert step.probe is not None
    work.connection.execute("SET lock_timeout = 0; SET statement_timeout = 0")
    try:
        with work.watch.over(step, work.session.backend_pid, 1, 0.0), stops.cancel_on_interrupt(work.session):
            for sql in step.probe.clean:
                work.connection.execute(sql)
    finally:
        stops.quietly(work.session.pin)


def _refuse_guess(group: Group) -> None:
    if group.earlier is None or group.earlier.status is not StepStatus.INTENDED:
        return
    if group.first.probe is None and group.first.option("repeatable") != "yes":
        raise stops.cannot_tell(group.plan, group.first)


def _try(work: Work, group: Group, attempt: Attempt) -> None:
    step = group.first
    with work.connection.transaction():
        row_ids = work.intend(group)
    work.connection.execute(_limits(work, step, attempt))
    watched = work.watch.over(step, work.session.backend_pid, attempt.number, attempt.waited)
    with watched as seen, stops.cancel_on_interrupt(work.session):
        try:
            seconds, rows = work.execute_all(group.steps)
        except BaseException as error:
            attempt.blockers = seen.blockers or attempt.blockers
            work.note_failure(row_ids, error)
            raise
        finally:
            stops.quietly(work.session.pin)
    reach("before done")
    work.journal.finish(
        row_ids,
        StepStatus.DONE,
        seconds=seconds,
        rows=rows,
        attempts=attempt.number,
        waited_seconds=attempt.waited,
    )
    reach("after done")
    work.reporter.step_done(step, seconds[0], rows[0])


def _limits(work: Work, step: Step, attempt: Attempt) -> str:
    patient = step.lock_policy is LockPolicy.PATIENT
    lock = 0 if patient else round(work.patience.lock_timeout_of(attempt.number) * 1000)
    return f"SET lock_timeout = {lock}; SET statement_timeout = {step.statement_timeout_ms or 0}"


def _record_done(work: Work, group: Group, attempt: Attempt) -> None:
    with work.connection.transaction():
        row_ids = work.intend(group)
        work.journal.finish(row_ids, StepStatus.DONE, seconds=[0.0], rows=[None], attempts=attempt.number)
    work.reporter.step_done(group.first, 0.0, None)


def _clear_up(work: Work, group: Group, error: psycopg.Error) -> Group:
    """After a failed try: reconnect where that is needed, remove what was left half done, look at the record again."""
    if classify(error, work.connection) in GONE:
        work.reconnect(str(error).split("\n", 1)[0])
    step = group.first
    if step.probe is not None and not step.probe.finishes and probe(work, step) == "half":
        clean(work, step)
    earlier = work.earlier(group.plan, group.direction).get(step.id)
    return Group(group.plan, group.direction, group.steps, earlier, group.finish)


def delegate(work: Work, group: Group) -> None:
    """Hand a step to the executor of its kind; the intent is committed first."""
    step = group.first
    with work.connection.transaction():
        (row_id,) = work.intend(group)
    started = time.monotonic()
    try:
        rows = work.executors[step.kind].execute(step, _context(work, group, row_id))
    except BaseException as error:
        work.note_failure([row_id], error)
        raise
    seconds = time.monotonic() - started
    reach("before done")
    work.journal.finish([row_id], StepStatus.DONE, seconds=[seconds], rows=[rows])
    reach("after done")
    work.reporter.step_done(step, seconds, rows)


def _context(work: Work, group: Group, row_id: int) -> ExecutionContext:
    return ExecutionContext(
        work.session.run_id,
        group.plan,
        row_id,
        work.lease.token,
        lambda part: work.session.sibling(part, patient=True).connection,
        work.patience,
        work.reporter,
    )
