"""Steps that share a transaction: they are recorded in it, so that a crash leaves either all of them or none."""

from __future__ import annotations

import time

import psycopg

from lockgate.engine import blockers, settle, stops
from lockgate.engine.boundaries import reach
from lockgate.engine.failures import classify
from lockgate.engine.work import GONE, Attempt, Group, Work
from lockgate.journal.model import StepStatus
from lockgate.planning.plan import LockPolicy
from lockgate.sql import queries
from lockgate.types import LockMode


def run(work: Work, group: Group) -> None:
    """Try until the group is committed; raises from the error tree."""
    attempt = Attempt()
    while True:
        attempt.number += 1
        _wait_for_holders(work, group, attempt)
        try:
            _transaction(work, group, attempt)
            return
        except psycopg.Error as error:
            if _was_committed_all_the_same(work, group, error):
                return
            work.after_failure(group, attempt, error)


def _transaction(work: Work, group: Group, attempt: Attempt) -> None:
    connection = work.connection
    watched = work.watch.over(group.first, work.session.backend_pid, attempt.number, attempt.waited)
    with watched as seen, stops.cancel_on_interrupt(work.session):
        try:
            work.session.last_transaction = None
            connection.execute(f"BEGIN; {_limits(work, group, attempt)}")
            row_ids = work.intend(group)
            _take_locks_in_order(work, group)
            seconds, rows = work.execute_all(group.steps)
            reach("before done")
            with connection.pipeline():
                if group.finish:
                    group.finish(connection)
                work.journal.finish(
                    row_ids,
                    StepStatus.DONE,
                    seconds=seconds,
                    rows=rows,
                    attempts=attempt.number,
                    waited_seconds=attempt.waited,
                )
            reach("before commit")
            connection.execute("COMMIT")
            reach("after commit")
        except BaseException:
            attempt.blockers = seen.blockers or attempt.blockers
            stops.roll_back(connection)
            raise
    for step, took, count in zip(group.steps, seconds, rows, strict=True):
        work.reporter.step_done(step, took, count)


def _limits(work: Work, group: Group, attempt: Attempt) -> str:
    """The time-outs of this try; patient work (VALIDATE) has none, because cutting it off would waste it."""
    if all(step.lock_policy is LockPolicy.PATIENT for step in group.steps):
        return "SET LOCAL lock_timeout = 0; SET LOCAL statement_timeout = 0"
    lock = max((step.lock_timeout_ms or 0 for step in group.steps), default=0)
    lock = lock or round(work.patience.lock_timeout_of(attempt.number) * 1000)
    statement = max((step.statement_timeout_ms or 0 for step in group.steps), default=0)
    limits = f"SET LOCAL lock_timeout = {lock}"
    return f"{limits}; SET LOCAL statement_timeout = {statement}" if statement else limits


def _take_locks_in_order(work: Work, group: Group) -> None:
    """Lock several relations in one fixed order, so that two runs of anything never wait for each other."""
    strong: dict[str, LockMode] = {}
    for step in group.steps:
        for lock in step.locks:
            if lock.mode >= LockMode.SHARE_UPDATE_EXCLUSIVE:
                name = blockers.regclass_text(lock.relation)
                strong[name] = max(lock.mode, strong.get(name, lock.mode))
    if len(strong) < 2 or any(step.lock_policy is LockPolicy.PATIENT for step in group.steps):
        return
    allowed = work.connection.execute(
        queries.read("lockgate.engine", "lockable"), [sorted(strong)]
    ).fetchall()
    for (name,) in allowed:
        work.connection.execute(f"LOCK TABLE ONLY {name} IN {strong[name].sql_name} MODE")


def _wait_for_holders(work: Work, group: Group, attempt: Attempt) -> None:
    """Do not even queue while somebody who has been there for a while holds what we need."""
    locks = [
        lock for step in group.steps for lock in step.locks if lock.mode >= LockMode.SHARE_UPDATE_EXCLUSIVE
    ]
    if not locks or all(step.lock_policy is LockPolicy.PATIENT for step in group.steps):
        return
    limit = time.monotonic() + work.patience.sleep_bound(attempt.number) + work.patience.lock_timeout
    while time.monotonic() < limit:
        found = work.holders(locks)
        if not any(blocker.seconds > work.patience.lock_timeout for blocker in found):
            return
        attempt.blockers = found
        attempt.waited = time.monotonic() - attempt.started
        work.reporter.waiting(group.first, attempt.number, attempt.waited, found, 0)
        stops.sleep(0.25)


def _was_committed_all_the_same(work: Work, group: Group, error: psycopg.Error) -> bool:
    """After a lost connection: reconnect, and ask the server what became of the transaction."""
    if classify(error, work.connection) not in GONE:
        return False
    work.reconnect(str(error).split("\n", 1)[0])
    if not settle.was_committed(work.session):
        return False
    for step in group.steps:
        work.reporter.step_done(step, 0.0, None)
    return True
