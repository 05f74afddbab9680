"""Runs a Plan on a target, step by step, so that it can be continued after a crash at any point.

A group of steps that share a transaction is recorded in that same transaction: after a crash either all of it is there
or none. A step that cannot run in a transaction is recorded before it begins and after it ended; if the runner dies in
between, the step's probe tells from the catalog how far it got.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import psycopg

from lockgate.engine import blockers, settle, stops
from lockgate.engine.executors import ExecutionContext, Executors
from lockgate.engine.failures import WORTH_RETRYING, Failure, classify
from lockgate.engine.lease import Lease, fenced
from lockgate.engine.policy import Patience
from lockgate.engine.reporting import Blocker, Reporter, Silence
from lockgate.engine.session import Session
from lockgate.engine.watch import Watch
from lockgate.errors import LockgateError
from lockgate.journal.model import Direction, StepRecord, StepStatus
from lockgate.journal.writer import Intent, JournalWriter
from lockgate.planning.plan import LockPolicy, Plan, Step, StepKind, transaction_groups
from lockgate.types import LockMode

Connection = psycopg.Connection[Any]
Finish = Callable[[Connection], None]


@dataclass
class Attempt:
    """The tries at one group: how many, how long they waited in all, and who was in the way last."""

    number: int = 0
    waited: float = 0.0
    started: float = field(default_factory=time.monotonic)
    blockers: tuple[Blocker, ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """Steps that are committed together, the record of an earlier try at them, and what else belongs to the commit."""

    steps: tuple[Step, ...]
    earlier: StepRecord | None
    finish: Finish | None

    @property
    def first(self) -> Step:
        """The step that names the group."""
        return self.steps[0]


class Runner:
    """Carries out plans on one target, with the lease in hand."""

    def __init__(
        self,
        session: Session,
        lease: Lease,
        journal: JournalWriter,
        *,
        executors: Executors | None = None,
        reporter: Reporter | None = None,
    ) -> None:
        self.session = session
        self.lease = lease
        self.journal = journal
        self.reporter = reporter or Silence()
        self._executors = executors or {}
        self._watch = Watch(lease.session, session.patience, self.reporter)

    @property
    def patience(self) -> Patience:
        """The limits on waiting."""
        return self.session.patience

    def close(self) -> None:
        """End the watch."""
        self._watch.stop()

    def run(self, plan: Plan, direction: Direction, finish: Finish) -> None:
        """Do every step that an earlier run has not done; ``finish`` is part of the last transaction.

        Raises from the error tree: LockBudgetError when locks could not be had, StepFailedError when a statement
        failed, LeaseHeldError when another runner took over, NeedsPersonError when only a person can tell.
        """
        started = time.monotonic()
        self.reporter.plan_started(plan, direction)
        self.session.pin()
        records = self._records(plan, direction)
        groups = list(transaction_groups(plan.steps))
        for number, steps in enumerate(groups):
            last = number == len(groups) - 1
            self._run_group(
                plan, direction, Group(steps, records.get(steps[0].id), finish if last else None), records
            )
        if not groups or self._finish_is_missing(groups, records):
            self._in_transaction(finish)
        self.reporter.plan_done(plan, direction, time.monotonic() - started)

    def _records(self, plan: Plan, direction: Direction) -> dict[str, StepRecord]:
        return {
            record.step: record
            for record in self.journal.steps(plan.version)
            if record.direction == direction and record.status is not StepStatus.SUPERSEDED
        }

    def _finish_is_missing(self, groups: Sequence[tuple[Step, ...]], records: dict[str, StepRecord]) -> bool:
        """Whether the last group was already done by an earlier run, or could not carry the finish."""
        last = groups[-1]
        record = records.get(last[-1].id)
        return last[0].transaction is None or (record is not None and record.status is StepStatus.DONE)

    def _run_group(
        self, plan: Plan, direction: Direction, group: Group, records: dict[str, StepRecord]
    ) -> None:
        if all((r := records.get(s.id)) is not None and r.status is StepStatus.DONE for s in group.steps):
            for step in group.steps:
                self.reporter.step_skipped(step, "done by an earlier run")
            return
        for step in group.steps:
            self.reporter.step_started(step)
        if group.first.kind in self._executors:
            self._delegate(plan, direction, group)
        elif group.first.transaction is None:
            self._run_alone(plan, direction, group)
        else:
            self._run_together(plan, direction, group)

    def _run_together(self, plan: Plan, direction: Direction, group: Group) -> None:
        attempt = Attempt()
        while True:
            attempt.number += 1
            self._wait_for_holders(group, attempt)
            try:
                self._transaction(plan, direction, group, attempt)
                return
            except psycopg.Error as error:
                if self._settle_lost_commit(plan, group, error):
                    return
                self._after_failure(plan, direction, group, attempt, error)

    def _transaction(self, plan: Plan, direction: Direction, group: Group, attempt: Attempt) -> None:
        connection = self.session.connection
        watched = self._watch.over(group.first, self.session.backend_pid, attempt.number, attempt.waited)
        with watched as seen, stops.cancel_on_interrupt(self.session):
            try:
                connection.execute("BEGIN")
                self._limit(group, attempt)
                self._check_token()
                row_ids = self.journal.intend(plan.version, direction, _intents(group.steps, plan))
                settle.remember(self.session, row_ids)
                self._take_locks_in_order(group)
                seconds, rows = self._execute_all(group.steps)
                if group.finish:
                    group.finish(connection)
                self.journal.finish(
                    row_ids,
                    StepStatus.DONE,
                    seconds=seconds,
                    rows=rows,
                    attempts=attempt.number,
                    waited_seconds=attempt.waited,
                )
                connection.execute("COMMIT")
            except BaseException:
                attempt.blockers = seen.blockers or attempt.blockers
                stops.roll_back(connection)
                raise
        for step, took, count in zip(group.steps, seconds, rows, strict=True):
            self.reporter.step_done(step, took, count)

    def _limit(self, group: Group, attempt: Attempt) -> None:
        step = max(group.steps, key=lambda s: s.lock_timeout_ms or 0)
        lock = step.lock_timeout_ms or round(self.patience.lock_timeout_of(attempt.number) * 1000)
        statement = max((s.statement_timeout_ms or 0 for s in group.steps), default=0)
        if all(s.lock_policy is LockPolicy.PATIENT for s in group.steps):
            lock, statement = 0, 0
            self.session.connection.execute("SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0")
            return
        text = f"SET LOCAL lock_timeout = {lock}"
        self.session.connection.execute(
            text + (f"; SET LOCAL statement_timeout = {statement}" if statement else "")
        )

    def _check_token(self) -> None:
        row = self.session.connection.execute(
            "SELECT token FROM lockgate.lease WHERE token = %s FOR SHARE", [self.lease.token]
        ).fetchone()
        if row is None:
            raise fenced()

    def _take_locks_in_order(self, group: Group) -> None:
        """Lock several relations in one fixed order, so that two runs of anything never wait for each other."""
        strong: dict[str, LockMode] = {}
        for step in group.steps:
            for lock in step.locks:
                if lock.mode >= LockMode.SHARE_UPDATE_EXCLUSIVE:
                    strong[lock.relation] = max(lock.mode, strong.get(lock.relation, lock.mode))
        if len(strong) < 2 or any(step.lock_policy is LockPolicy.PATIENT for step in group.steps):
            return
        names = [blockers.regclass_text(name) for name in sorted(strong)]
        allowed = self.session.connection.execute(_LOCKABLE, [names]).fetchall()
        modes = {blockers.regclass_text(name): mode for name, mode in strong.items()}
        for (name,) in allowed:
            self.session.connection.execute(f"LOCK TABLE ONLY {name} IN {modes[name].sql_name} MODE")

    def _execute_all(self, steps: Sequence[Step]) -> tuple[list[float], list[int | None]]:
        seconds: list[float] = []
        rows: list[int | None] = []
        for step in steps:
            started = time.monotonic()
            count = None
            for sql in step.sql:
                with stops.naming(step, sql):
                    count = self._execute(step, sql)
            seconds.append(time.monotonic() - started)
            rows.append(count)
        return seconds, rows

    def _execute(self, step: Step, sql: str) -> int | None:
        connection = self.session.connection
        if step.option("missing") != "skip":
            return _row_count(connection.execute(sql))
        try:
            with connection.transaction():
                return _row_count(connection.execute(sql))
        except _MISSING:
            self.reporter.step_skipped(step, "its object is not there")
            return None

    def _in_transaction(self, action: Finish) -> None:
        with self.session.connection.transaction():
            self._check_token()
            action(self.session.connection)

    def _settle_lost_commit(self, plan: Plan, group: Group, error: psycopg.Error) -> bool:
        """After a lost connection: reconnect, and tell whether the group was committed all the same."""
        if classify(error, self.session.connection) not in (Failure.LOST, Failure.STARTING):
            return False
        self._reconnect(str(error).split("\n", 1)[0])
        if not settle.was_committed(self.session):
            return False
        for step in group.steps:
            self.reporter.step_done(step, 0.0, None)
        return True

    def _reconnect(self, reason: str) -> None:
        self.reporter.reconnecting(reason, 0.0)
        self.session.reconnect(self.reporter.reconnecting)
        self.journal.use(self.session.connection)
        with self._watch.lock:
            if not settle.is_alive(self.lease.session.connection):
                self.lease.retake()
        self.session.pin()

    def _after_failure(
        self, plan: Plan, direction: Direction, group: Group, attempt: Attempt, error: psycopg.Error
    ) -> None:
        failure = classify(error, self.session.connection)
        let_go = failure is Failure.CANCELLED and attempt.blockers and not stops.interrupted()
        retry = failure in WORTH_RETRYING or failure in (Failure.LOST, Failure.STARTING) or let_go
        if not retry:
            self._record_failure(plan, direction, group, attempt, error)
            raise stops.failed(plan, direction, group.steps, error, failure) from error
        spent = time.monotonic() - attempt.started
        if attempt.number >= self.patience.tries or spent > self.patience.budget:
            self._record_failure(plan, direction, group, attempt, error)
            raise stops.budget_used_up(plan, group.first, attempt.number, spent, attempt.blockers) from error
        pause = random.uniform(0, self.patience.sleep_bound(attempt.number))  # noqa: S311
        reason = "let go: others were waiting behind us" if let_go else failure.value
        self.reporter.retrying(group.first, attempt.number, reason, pause)
        stops.sleep(pause)
        attempt.waited = time.monotonic() - attempt.started

    def _record_failure(
        self,
        plan: Plan,
        direction: Direction,
        group: Group,
        attempt: Attempt,
        error: psycopg.Error | LockgateError,
    ) -> None:
        """Best effort: the failure itself must reach the user even when it cannot be written down."""
        stops.quietly(
            lambda: self.journal.finish(
                self.journal.intend(plan.version, direction, _intents(group.steps, plan)),
                StepStatus.FAILED,
                attempts=attempt.number,
                waited_seconds=attempt.waited,
                error=stops.words(error),
            )
        )

    def _wait_for_holders(self, group: Group, attempt: Attempt) -> None:
        """Do not even queue while somebody who has been there for a while holds what we need."""
        locks = [lock for step in group.steps for lock in step.locks]
        if not any(lock.mode >= LockMode.SHARE_UPDATE_EXCLUSIVE for lock in locks):
            return
        if group.first.lock_policy is LockPolicy.PATIENT:
            return
        limit = time.monotonic() + self.patience.sleep_bound(attempt.number) + self.patience.lock_timeout
        while time.monotonic() < limit:
            found = blockers.holders(self.session.connection, locks, self.session.backend_pid)
            if not any(blocker.seconds > self.patience.lock_timeout for blocker in found):
                return
            attempt.blockers = found
            attempt.waited = time.monotonic() - attempt.started
            self.reporter.waiting(group.first, attempt.number, attempt.waited, found, 0)
            stops.sleep(0.25)

    def _run_alone(self, plan: Plan, direction: Direction, group: Group) -> None:
        """A step outside any transaction: probe, clean up what is half done, intend, do, record."""
        step = group.first
        attempt = Attempt()
        while True:
            attempt.number += 1
            state = self._probe(step) if step.probe else "none"
            if state == "done" and group.earlier is not None:
                self._mark_done(plan, direction, group, attempt, 0.0, None)
                return
            if state == "half" and step.probe is not None:
                self.clean(step)
                if step.probe.finishes:
                    self._mark_done(plan, direction, group, attempt, 0.0, None)
                    return
            self._refuse_guess(plan, group)
            try:
                self._do_alone(plan, direction, group, attempt)
                return
            except psycopg.Error as error:
                if classify(error, self.session.connection) in (Failure.LOST, Failure.STARTING):
                    self._reconnect(str(error).split("\n", 1)[0])
                    group = Group(group.steps, self._records(plan, direction).get(step.id), group.finish)
                elif step.probe is not None and self._probe(step) == "half" and not step.probe.finishes:
                    self.clean(step)
                self._after_failure(plan, direction, group, attempt, error)

    def _refuse_guess(self, plan: Plan, group: Group) -> None:
        if group.earlier is None or group.earlier.status is not StepStatus.INTENDED:
            return
        if group.first.probe is None and group.first.option("repeatable") != "yes":
            raise stops.cannot_tell(plan, group.first)

    def _probe(self, step: Step) -> str:
        assert step.probe is not None
        row = self.session.connection.execute(step.probe.sql).fetchone()
        return str(row[0]) if row else "none"

    def clean(self, step: Step) -> None:
        """Remove, or finish, what a step outside a transaction left half done."""
        assert step.probe is not None
        connection = self.session.connection
        connection.execute("SET lock_timeout = 0; SET statement_timeout = 0")
        try:
            with (
                self._watch.over(step, self.session.backend_pid, 1, 0.0),
                stops.cancel_on_interrupt(self.session),
            ):
                for sql in step.probe.clean:
                    connection.execute(sql)
        finally:
            self.session.pin()

    def _do_alone(self, plan: Plan, direction: Direction, group: Group, attempt: Attempt) -> None:
        step, connection = group.first, self.session.connection
        with connection.transaction():
            self._check_token()
            row_ids = self.journal.intend(plan.version, direction, _intents(group.steps, plan))
        patient = step.lock_policy is LockPolicy.PATIENT
        limit = 0 if patient else round(self.patience.lock_timeout_of(attempt.number) * 1000)
        connection.execute(
            f"SET lock_timeout = {limit}; SET statement_timeout = {step.statement_timeout_ms or 0}"
        )
        watched = self._watch.over(step, self.session.backend_pid, attempt.number, attempt.waited)
        with watched as seen, stops.cancel_on_interrupt(self.session):
            try:
                seconds, rows = self._execute_all(group.steps)
            except BaseException as error:
                attempt.blockers = seen.blockers or attempt.blockers
                self._note_failure(row_ids, error)
                raise
            finally:
                stops.quietly(self.session.pin)
        self.journal.finish(
            row_ids,
            StepStatus.DONE,
            seconds=seconds,
            rows=rows,
            attempts=attempt.number,
            waited_seconds=attempt.waited,
        )
        self.reporter.step_done(step, seconds[0], rows[0])

    def _note_failure(self, row_ids: Sequence[int], error: BaseException) -> None:
        text = stops.words(error)
        stops.quietly(lambda: self.journal.finish(row_ids, StepStatus.FAILED, error=text))

    def _mark_done(
        self,
        plan: Plan,
        direction: Direction,
        group: Group,
        attempt: Attempt,
        seconds: float,
        rows: int | None,
    ) -> None:
        with self.session.connection.transaction():
            self._check_token()
            row_ids = self.journal.intend(plan.version, direction, _intents(group.steps, plan))
            self.journal.finish(
                row_ids, StepStatus.DONE, seconds=[seconds], rows=[rows], attempts=attempt.number
            )
        self.reporter.step_done(group.first, seconds, rows)

    def _delegate(self, plan: Plan, direction: Direction, group: Group) -> None:
        """Hand a step to the executor of its kind; the intent is committed first."""
        step = group.first
        with self.session.connection.transaction():
            self._check_token()
            (row_id,) = self.journal.intend(plan.version, direction, _intents((step,), plan))
        started = time.monotonic()
        context = ExecutionContext(
            self.session.run_id,
            plan,
            row_id,
            self.lease.token,
            lambda part: self.session.sibling(part).connection,
            self.patience,
            self.reporter,
        )
        try:
            rows = self._executors[step.kind].execute(step, context)
        except BaseException as error:
            self._note_failure([row_id], error)
            raise
        seconds = time.monotonic() - started
        self.journal.finish([row_id], StepStatus.DONE, seconds=[seconds], rows=[rows])
        self.reporter.step_done(step, seconds, rows)


_MISSING = (
    psycopg.errors.UndefinedTable,
    psycopg.errors.UndefinedColumn,
    psycopg.errors.UndefinedObject,
    psycopg.errors.UndefinedFunction,
    psycopg.errors.InvalidSchemaName,
)

_LOCKABLE = """
SELECT w.name FROM unnest(%s::text[]) WITH ORDINALITY AS w (name, place)
JOIN pg_catalog.pg_class c ON c.oid = to_regclass(w.name)
WHERE c.relkind IN ('r', 'p') AND pg_has_role(c.relowner, 'USAGE')
ORDER BY w.place
"""


def _intents(steps: Sequence[Step], plan: Plan) -> list[Intent]:
    places = {step.id: number for number, step in enumerate(plan.steps)}
    return [Intent(step.id, places[step.id], step.kind.value, step.title) for step in steps]


def _row_count(cursor: psycopg.Cursor[Any]) -> int | None:
    words = (cursor.statusmessage or "").split()
    return cursor.rowcount if words and words[0] in ("INSERT", "UPDATE", "DELETE", "MERGE", "COPY") else None


__all__ = ["Attempt", "Group", "Runner", "StepKind"]
