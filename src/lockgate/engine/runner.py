"""Runs a Plan on a target, step by step, so that it can be continued after a crash at any point.

A group of steps that share a transaction is recorded in that same transaction: after a crash either all of it is there
or none. A step that cannot run in a transaction is recorded before it begins and after it ended; if the runner dies in
between, the step's probe tells from the catalog how far it got.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import psycopg

from lockgate.engine import alone, stops, together
from lockgate.engine.boundaries import reach
from lockgate.engine.executors import Executors
from lockgate.engine.failures import classify
from lockgate.engine.lease import Lease
from lockgate.engine.reporting import Reporter, Silence
from lockgate.engine.session import Session
from lockgate.engine.work import GONE, Beginning, Connection, Finish, Group, Work
from lockgate.journal.model import Direction, StepRecord, StepStatus
from lockgate.journal.writer import JournalWriter
from lockgate.planning.plan import Plan, Step, transaction_groups


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
        self._work = Work(session, lease, journal, reporter or Silence(), executors or {})

    def close(self) -> None:
        """End the watch."""
        self._work.watch.stop()

    def run(self, plan: Plan, direction: Direction, finish: Finish, begins: Beginning | None = None) -> None:
        """Do every step that an earlier run has not done; ``finish`` is part of the last transaction.

        ``begins`` is what to record of a migration that no earlier run has begun: in the one transaction of the plan,
        or in one of its own before the first step. Raises from the error tree: LockBudgetError when locks could not be
        had, StepFailedError when a statement failed, LeaseHeldError when another runner took over, NeedsPersonError
        when only a person can tell.
        """
        work = self._work
        started = time.monotonic()
        work.version = plan.version
        work.reporter.plan_started(plan, direction)
        groups = list(transaction_groups(plan.steps))
        whole = len(groups) == 1 and self._is_transaction(groups[0])
        if begins and not whole:
            self.begin(begins)
        if not whole:
            work.session.pin()
        records = {} if begins else work.earlier(plan, direction)
        finished = False
        for number, steps in enumerate(groups):
            carries = number == len(groups) - 1 and self._is_transaction(steps)
            if self._is_done(steps, records):
                self._skip(steps)
                continue
            earlier = records.get(steps[0].id)
            self._run_group(
                Group(
                    plan,
                    direction,
                    steps,
                    earlier,
                    finish if carries else (),
                    whole,
                    begins if whole else None,
                )
            )
            finished = carries
        if not finished:
            self._finish_apart(finish)
        work.reporter.plan_done(plan, direction, time.monotonic() - started)

    def clean(self, step: Step) -> None:
        """Remove, or finish, what a step outside a transaction left half done."""
        alone.clean(self._work, step)

    def _is_transaction(self, steps: Sequence[Step]) -> bool:
        return steps[0].transaction is not None and steps[0].kind not in self._work.executors

    def _is_done(self, steps: Sequence[Step], records: dict[str, StepRecord]) -> bool:
        found = [records.get(step.id) for step in steps]
        return all(record is not None and record.status is StepStatus.DONE for record in found)

    def _skip(self, steps: Sequence[Step]) -> None:
        for step in steps:
            self._work.reporter.step_skipped(step, "done by an earlier run")

    def _run_group(self, group: Group) -> None:
        for step in group.steps:
            self._work.reporter.step_started(step)
        if group.first.kind in self._work.executors:
            alone.delegate(self._work, group)
        elif group.first.transaction is None:
            alone.run(self._work, group)
        else:
            together.run(self._work, group)

    def begin(self, begins: Beginning) -> None:
        """Record that a migration, or its rollback, begins anew; raises LeaseHeldError when somebody took over."""
        self._persist(lambda _: self._work.begin(begins))
        reach("migration begun")

    def _persist(self, action: Callable[[Connection], None]) -> None:
        """Do something that is harmless to repeat, again and again while the connection is lost."""
        while True:
            try:
                action(self._work.connection)
                return
            except psycopg.Error as error:
                if classify(error, self._work.connection) not in GONE:
                    raise
                self._work.reconnect(stops.words(error))

    def _finish_apart(self, finish: Finish) -> None:
        """Put the version into the history when no step's transaction could carry that."""

        def record(connection: Connection) -> None:
            with connection.transaction():
                self._work.check_token()
                for message in finish:
                    connection.execute(*message)

        self._persist(record)
