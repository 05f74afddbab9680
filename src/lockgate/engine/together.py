"""Steps that share a transaction: they are recorded in it, so that a crash leaves either all of them or none."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import NamedTuple

import psycopg

from lockgate.engine import blockers, settle, stops
from lockgate.engine.boundaries import reach
from lockgate.engine.failures import classify
from lockgate.engine.lease import fenced
from lockgate.engine.reporting import Blocker
from lockgate.engine.wire import Answer
from lockgate.engine.work import GONE, Attempt, Group, Work
from lockgate.journal.model import StepStatus
from lockgate.journal.writer import FENCED, Outcome
from lockgate.planning.plan import LockPolicy
from lockgate.sql import queries
from lockgate.types import LockMode, RelationLock


def run(work: Work, group: Group) -> None:
    """Try until the group is committed; raises from the error tree."""
    attempt = Attempt()
    while True:
        attempt.number += 1
        try:
            if not _transaction(work, group, attempt):
                _wait_for_holders(work, group, attempt)
                _transaction(work, group, attempt, look=False)
            return
        except psycopg.Error as error:
            if _was_committed_all_the_same(work, group, error):
                return
            work.after_failure(group, attempt, error)


def _transaction(work: Work, group: Group, attempt: Attempt, *, look: bool = True) -> bool:
    """Do the group in one transaction; False, with nothing done, when somebody is seen in the way (``look``)."""
    connection = work.connection
    watched = work.watch.over(group.first, work.session.backend_pid, attempt.number, attempt.waited)
    with watched as seen, stops.cancel_on_interrupt(work.session):
        try:
            locks = _conflicting(group) if look else ()
            do = _at_once if work.may_share(group.steps) and len(_strong(group)) < 2 else _one_after_the_other
            results = do(work, group, attempt, locks)
            _close(work, group, attempt, results)
        except BaseException as error:
            attempt.blockers = seen.blockers or attempt.blockers
            stops.roll_back(connection)
            if isinstance(error, psycopg.errors.InvalidTextRepresentation):
                if blockers.HELD in str(error):
                    return False
                if FENCED in str(error):
                    raise fenced() from error
            raise
    for step, took, count in zip(group.steps, results.seconds, results.rows, strict=True):
        work.reporter.step_done(step, took, count)
    return True


class Results(NamedTuple):
    """The journal's rows of some steps, and what became of each."""

    row_ids: tuple[int, ...]
    seconds: list[float]
    rows: list[int | None]


def _at_once(work: Work, group: Group, attempt: Attempt, locks: Sequence[RelationLock]) -> Results:
    """All up to the last statement in one round trip; the server itself stops where somebody is in the way.

    Nothing of it stays unless it is committed, and that is asked for only when every answer is there.
    """
    with work.wire.round_trip():
        intents = _begin(work, group, attempt, locks)
        sent = work.ask_all(group.steps)
    return Results(work.intended(intents), sent.seconds, sent.rows)


def _one_after_the_other(
    work: Work, group: Group, attempt: Attempt, locks: Sequence[RelationLock]
) -> Results:
    """Where locks are taken in order first, or statements may fail and be passed over."""
    with work.wire.round_trip():
        intents = _begin(work, group, attempt, locks)
    row_ids = work.intended(intents)
    tables = _in_order(work, group)
    ahead = _ahead(group, {name for name, _ in tables})
    seconds, rows = work.execute_all(group.steps[:ahead]) if ahead else ([], [])
    for name, mode in tables:
        work.connection.execute(f"LOCK TABLE ONLY {name} IN {mode.sql_name} MODE")
    if ahead < len(group.steps):
        rest = work.execute_all(group.steps[ahead:])
        seconds, rows = seconds + rest[0], rows + rest[1]
    return Results(row_ids, seconds, rows)


def _begin(work: Work, group: Group, attempt: Attempt, locks: Sequence[RelationLock]) -> Answer:
    """Settings, BEGIN, limits, a look at who holds the locks, the lease's token and the intents."""
    work.session.last_transaction = None
    for statement in (*_beginning(work, group), *_limits(work, group, attempt)):
        work.wire.tell(statement)
    question = blockers.forbidding(locks, work.session.backend_pid, work.patience.lock_timeout)
    if question is not None:
        work.wire.ask(question)
    return work.ask_intend(group)


def _beginning(work: Work, group: Group) -> tuple[bytes, ...]:
    """BEGIN, at a plan's start with the settings that it starts with.

    In a pipeline the transaction has begun with the first message already, at the level that was the default then; so
    the level is said, and before the first statement that takes a snapshot.
    """
    if not group.pins:
        return (b"BEGIN",)
    *resets, values = work.session.pinning()
    return *resets, b"BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE", values


def _close(work: Work, group: Group, attempt: Attempt, results: Results) -> None:
    """The history, the record and COMMIT: one round trip, as who we are whatever role the statements took on."""
    reach("before done")
    outcome = Outcome(StepStatus.DONE, results.seconds, results.rows, attempt.number, attempt.waited)
    with work.wire.round_trip():
        work.wire.tell(b"SET LOCAL SESSION AUTHORIZATION DEFAULT")
        for message in (*group.finish, work.journal.outcome(results.row_ids, outcome)):
            work.wire.ask(message)
        reach("before commit")
        work.wire.tell(b"COMMIT")
    reach("after commit")


def _limits(work: Work, group: Group, attempt: Attempt) -> tuple[bytes, ...]:
    """The time-outs of this try; patient work (VALIDATE) has none, because cutting it off would waste it."""
    if all(step.lock_policy is LockPolicy.PATIENT for step in group.steps):
        return b"SET LOCAL lock_timeout = 0", b"SET LOCAL statement_timeout = 0"
    lock = max((step.lock_timeout_ms or 0 for step in group.steps), default=0)
    lock = lock or round(work.patience.lock_timeout_of(attempt.number) * 1000)
    statement = max((step.statement_timeout_ms or 0 for step in group.steps), default=0)
    limits = {"lock_timeout": lock, "statement_timeout": statement}
    return tuple(f"SET LOCAL {name} = {limit}".encode() for name, limit in limits.items() if limit)


def _in_order(work: Work, group: Group) -> list[tuple[str, LockMode]]:
    """Several tables in one fixed order to lock them in, so that two runs of anything never wait for each other."""
    strong = _strong(group)
    if len(strong) < 2:
        return []
    allowed = work.connection.execute(
        queries.read("lockgate.engine", "lockable"), [sorted(strong)]
    ).fetchall()
    return [(name, strong[name]) for (name,) in allowed]


def _ahead(group: Group, tables: set[str]) -> int:
    """How many steps come before the locks of tables: the first ones, when they lock views.

    Whoever asks a view locks it before its table. To wait for a view with its table in hand would be a deadlock.
    """
    ahead = 0
    for number, step in enumerate(group.steps if tables else (), 1):
        names = {blockers.regclass_text(lock.relation) for lock in step.locks}
        if names & tables:
            break
        if any(lock.mode >= LockMode.SHARE_UPDATE_EXCLUSIVE for lock in step.locks):
            ahead = number
    return ahead


def _strong(group: Group) -> dict[str, LockMode]:
    """The relations that are locked so that others wait, each with its strongest mode; none for patient work."""
    strong: dict[str, LockMode] = {}
    for lock in _conflicting(group):
        name = blockers.regclass_text(lock.relation)
        strong[name] = max(lock.mode, strong.get(name, lock.mode))
    return {} if any(step.lock_policy is LockPolicy.PATIENT for step in group.steps) else strong


def _conflicting(group: Group) -> tuple[RelationLock, ...]:
    """The locks that queue others while we wait for them; none for patient work."""
    if all(step.lock_policy is LockPolicy.PATIENT for step in group.steps):
        return ()
    return tuple(
        lock for step in group.steps for lock in step.locks if lock.mode >= LockMode.SHARE_UPDATE_EXCLUSIVE
    )


def _are_long(work: Work, holders: Sequence[Blocker]) -> bool:
    """Whether somebody has been there for longer than we would wait."""
    return any(blocker.seconds > work.patience.lock_timeout for blocker in holders)


def _wait_for_holders(work: Work, group: Group, attempt: Attempt) -> None:
    """Do not even queue while somebody who has been there for a while holds what we need."""
    locks = _conflicting(group)
    limit = time.monotonic() + work.patience.sleep_bound(attempt.number) + work.patience.lock_timeout
    while time.monotonic() < limit and _are_long(work, found := work.holders(locks)):
        attempt.blockers = found
        attempt.waited = time.monotonic() - attempt.started
        work.reporter.waiting(group.first, attempt.number, attempt.waited, found, 0)
        work.end_named(group.first, found)
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
