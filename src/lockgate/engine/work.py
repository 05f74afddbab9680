"""What the ways of doing a step share: the lease's token, reconnection, retries, and writing down a failure."""

from __future__ import annotations

import itertools
import random
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, NamedTuple

import psycopg

from lockgate.engine import blockers, settle, stops
from lockgate.engine.boundaries import reach
from lockgate.engine.executors import Executors
from lockgate.engine.failures import WORTH_RETRYING, Failure, classify
from lockgate.engine.lease import Lease, fenced
from lockgate.engine.policy import Patience
from lockgate.engine.reporting import Blocker, Reporter
from lockgate.engine.session import Session
from lockgate.engine.watch import Watch
from lockgate.engine.wire import Answer, Wire
from lockgate.journal.model import Direction, MigrationStatus, StepRecord, StepStatus
from lockgate.journal.writer import Intended, Intent, JournalWriter, MigrationEntry, intended
from lockgate.local import adapting
from lockgate.planning.plan import Plan, Step
from lockgate.sql.messages import KEPT, Message
from lockgate.types import RelationLock

Connection = psycopg.Connection[Any]
Finish = Sequence[Message]

GONE = (Failure.LOST, Failure.STARTING)
"""The failures after which the connection has to be opened anew."""

LOSSES = 3
"""How often one step may lose its connection: one that brings the server down must not do so again and again."""


@dataclass
class Attempt:
    """The tries at one group: how many, how long they waited in all, and who was in the way last."""

    number: int = 0
    waited: float = 0.0
    started: float = field(default_factory=time.monotonic)
    blockers: tuple[Blocker, ...] = ()
    losses: int = 0


@dataclass(frozen=True, slots=True)
class Beginning:
    """What the journal stores of a migration, or of its rollback, when it begins.

    ``anew`` says that what is recorded of its steps belongs to the past.
    """

    entry: MigrationEntry
    status: MigrationStatus
    anew: bool = True


@dataclass(frozen=True, slots=True)
class Group:
    """Steps that are committed together, the record of an earlier try at them, and what else belongs to the commit.

    ``pins`` says that the session's settings are brought back first, ``begins`` that the migration's own record is
    part of the transaction, because the group is all there is to it.
    """

    plan: Plan
    direction: Direction
    steps: tuple[Step, ...]
    earlier: StepRecord | None
    finish: Finish = ()
    pins: bool = False
    begins: Beginning | None = None

    @property
    def first(self) -> Step:
        """The step that names the group."""
        return self.steps[0]

    @property
    def intents(self) -> list[Intent]:
        """The journal's rows for the steps."""
        places = {step.id: number for number, step in enumerate(self.plan.steps)}
        return [Intent(step.id, places[step.id], step.kind.value, step.title) for step in self.steps]


class Work:
    """One run on one target: its session, lease, journal and watch."""

    def __init__(
        self, session: Session, lease: Lease, journal: JournalWriter, reporter: Reporter, executors: Executors
    ) -> None:
        self.session = session
        self.lease = lease
        self.journal = journal
        self.reporter = reporter
        self.executors = executors
        self.version = ""
        self._wire: Wire | None = None
        self._keeps = True
        self.watch = Watch(lease.session, session.patience, reporter, self._note_ending)

    def _note_ending(self, step: Step, blocker: Blocker, reason: str) -> None:
        """Write down whom the watch is about to end; on the lease's connection, for our own is in a transaction."""
        connection = self.lease.session.connection
        self.journal.note_ending(connection, self.version, step.id, asdict(blocker), reason)

    @property
    def connection(self) -> Connection:
        """The session's connection; a new one after each reconnection."""
        return self.session.connection

    @property
    def wire(self) -> Wire:
        """Round trips on the session's connection; anew after each reconnection, for what was kept there is gone."""
        if self._wire is None or self._wire.connection is not self.connection:
            self._wire = Wire(self.connection, keeps=self._keeps)
        return self._wire

    @property
    def patience(self) -> Patience:
        """The limits on waiting."""
        return self.session.patience

    def check_token(self) -> None:
        """Make sure, until the end of the transaction, that nobody else has taken over; raises LeaseHeldError."""
        row = self.connection.execute(
            "SELECT token FROM lockgate.lease WHERE token = %s FOR SHARE", [self.lease.token]
        ).fetchone()
        if row is None:
            raise fenced()

    def intend(self, group: Group) -> tuple[int, ...]:
        """Check the token and write the intents, as part of the open transaction; raises LeaseHeldError."""
        reach("before intent")
        if group.begins:
            self.begin(group.begins)
        written = self.journal.intend(group.plan.version, group.direction, group.intents)
        if written is None:
            raise fenced()
        return self._have_intended(written)

    def ask_intend(self, group: Group) -> Answer:
        """Like :meth:`intend`, in a round trip that is under way; :meth:`intended` takes the answer.

        The server complains of FENCED when the lease is not ours any more, and executes nothing after that.
        """
        reach("before intent")
        if group.begins:
            self.wire.ask(self._beginning(group.begins))
        return self.wire.ask(self.journal.intents(group.plan.version, group.direction, group.intents))

    def intended(self, answer: Answer) -> tuple[int, ...]:
        """The journal's rows of the intents that were asked for."""
        return self._have_intended(intended(answer.rows))

    def _have_intended(self, written: Intended) -> tuple[int, ...]:
        self.session.last_transaction = (written.transaction, written.row_ids)
        reach("after intent")
        return written.row_ids

    def begin(self, begins: Beginning) -> None:
        """Record, in a transaction of its own, that a migration begins; raises LeaseHeldError."""
        # Not prepared by psycopg: it would deallocate all that is, ours too, after the next ALTER, DROP or ROLLBACK.
        if self.connection.execute(*self._beginning(begins)).fetchone() is None:
            raise fenced()

    def _beginning(self, begins: Beginning) -> Message:
        return self.journal.beginning(begins.entry, begins.status, anew=begins.anew)

    def holders(self, locks: Sequence[RelationLock]) -> tuple[Blocker, ...]:
        """Who holds what some locks conflict with; asked on the lease's connection, where the query stays prepared."""
        with self.watch.lock:
            return blockers.holders(self.lease.session.connection, locks, self.session.backend_pid)

    def end_named(self, step: Step, found: Sequence[Blocker]) -> None:
        """End those of some sessions that a rule of the run names."""
        with self.watch.lock:
            self.watch.end_named(step, found)

    def earlier(self, plan: Plan, direction: Direction) -> dict[str, StepRecord]:
        """The newest record of each step of a Plan."""
        return {
            record.step: record
            for record in self.journal.steps(plan.version)
            if record.direction == direction and record.status is not StepStatus.SUPERSEDED
        }

    def reconnect(self, reason: str) -> None:
        """Open every lost connection anew on the same server, with the lease still ours; raises when it is not."""
        # A migration deallocates what is prepared: it would do that again and again.
        self._keeps = self._keeps and KEPT not in reason
        self.reporter.reconnecting(reason, 0.0)
        self.session.reconnect(self.reporter.reconnecting)
        self.journal.use(self.connection)
        with self.watch.lock:
            if not settle.is_alive(self.lease.session.connection):
                self.lease.retake()
        self.check_token()
        self.session.pin()

    def after_failure(self, group: Group, attempt: Attempt, error: psycopg.Error) -> None:
        """Sleep before the next try, or raise the error that ends the run."""
        failure = classify(error, self.connection)
        let_go = failure is Failure.CANCELLED and bool(attempt.blockers) and not stops.interrupted()
        if not (let_go or failure in WORTH_RETRYING or failure in GONE):
            self._record_failure(group, attempt, error)
            raise stops.failed(group.plan, group.direction, group.steps, error, failure) from error
        attempt.losses += failure in GONE
        if attempt.losses >= LOSSES:
            self._record_failure(group, attempt, error)
            raise stops.lost_again(group.plan, group.first, attempt.losses, error) from error
        spent = time.monotonic() - attempt.started
        if attempt.number >= self.patience.tries or spent > self.patience.budget:
            self._record_failure(group, attempt, error)
            raise stops.budget_used_up(
                group.plan, group.first, attempt.number, spent, attempt.blockers, failure
            ) from error
        pause = random.uniform(0, self.patience.sleep_bound(attempt.number))  # noqa: S311
        reason = "let go: others were waiting behind us" if let_go else failure.value
        self.reporter.retrying(group.first, attempt.number, reason, pause)
        stops.sleep(pause)
        attempt.waited = time.monotonic() - attempt.started

    def _record_failure(self, group: Group, attempt: Attempt, error: psycopg.Error) -> None:
        """Best effort: the failure itself must reach the user even when it cannot be written down."""
        text = stops.words(error)

        def record() -> None:
            with self.connection.transaction():
                if group.begins:
                    self.begin(group.begins)
                written = self.journal.intend(group.plan.version, group.direction, group.intents)
                self.journal.finish(
                    written.row_ids if written else (),
                    StepStatus.FAILED,
                    attempts=attempt.number,
                    waited_seconds=attempt.waited,
                    error=text,
                )

        stops.quietly(record)

    def note_failure(self, row_ids: Sequence[int], error: BaseException) -> None:
        """Mark intents as failed or interrupted, if the connection still allows it."""
        status = StepStatus.INTERRUPTED if stops.is_interruption(error) else StepStatus.FAILED
        text = stops.words(error)
        stops.quietly(lambda: self.journal.finish(row_ids, status, error=text))

    def execute_all(self, steps: Sequence[Step]) -> tuple[list[float], list[int | None]]:
        """Run the statements of some steps; returns the seconds and the changed rows of each step.

        Inside a transaction they share a round trip, and the server's clock is read between the steps.
        """
        if not self.may_share(steps):
            return self._one_by_one(steps)
        with self.wire.round_trip():
            sent = self.ask_all(steps)
        return sent.seconds, sent.rows

    def may_share(self, steps: Sequence[Step]) -> bool:
        """Whether the statements of some steps may be sent without waiting for an answer in between."""
        return (
            steps[0].transaction is not None
            and all(step.option("missing") != "skip" for step in steps)
            and not any(adapting.wants_help(self.connection, sql) for step in steps for sql in step.sql)
        )

    def ask_all(self, steps: Sequence[Step]) -> Sent:
        """Send the statements of some steps, in a round trip that is under way."""
        clocks, last = [self.wire.tell(_CLOCK)], []
        for step in steps:
            answer = None
            for sql in step.sql:
                reach("statement begins")
                answer = self.wire.run(sql, (step, sql))
                reach("statement ended")
            last.append(answer)
            clocks.append(self.wire.tell(_CLOCK))
        return Sent(clocks, last)

    def _one_by_one(self, steps: Sequence[Step]) -> tuple[list[float], list[int | None]]:
        seconds: list[float] = []
        rows: list[int | None] = []
        for step in steps:
            started = time.monotonic()
            count = None
            for sql in step.sql:
                reach("statement begins")
                with stops.naming(step, sql):
                    count = self._execute(step, sql)
                reach("statement ended")
            seconds.append(time.monotonic() - started)
            rows.append(count)
        return seconds, rows

    def _execute(self, step: Step, sql: str) -> int | None:
        if step.option("missing") != "skip":
            return _row_count(self.connection.execute(sql))
        try:
            with self.connection.transaction():
                return _row_count(self.connection.execute(sql))
        except _MISSING:
            self.reporter.step_skipped(step, "its object is not there")
            return None


_CLOCK = b"SELECT extract(epoch FROM pg_catalog.clock_timestamp())::pg_catalog.float8"


class Sent(NamedTuple):
    """Steps whose statements were sent together: the server's clock around each, and each one's last statement."""

    clocks: Sequence[Answer]
    last: Sequence[Answer | None]

    @property
    def seconds(self) -> list[float]:
        """How long each step took on the server."""
        times = [float(clock.rows[0][0] or 0) for clock in self.clocks]
        return [after - before for before, after in itertools.pairwise(times)]

    @property
    def rows(self) -> list[int | None]:
        """How many rows each step changed, as far as it changes any."""
        return [answer.row_count if answer else None for answer in self.last]


_MISSING = (
    psycopg.errors.UndefinedTable,
    psycopg.errors.UndefinedColumn,
    psycopg.errors.UndefinedObject,
    psycopg.errors.UndefinedFunction,
    psycopg.errors.InvalidSchemaName,
)


def _row_count(cursor: psycopg.Cursor[Any]) -> int | None:
    words = (cursor.statusmessage or "").split()
    return cursor.rowcount if words and words[0] in ("INSERT", "UPDATE", "DELETE", "MERGE", "COPY") else None
