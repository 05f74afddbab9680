"""Writes the journal; each method is one statement in the caller's transaction.

What a run writes for every migration is there as a message too, without being sent: several of them share a round trip.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

import psycopg

from lockgate import __version__
from lockgate.journal.model import Direction, MigrationStatus, RunStatus, StepStatus
from lockgate.journal.reader import JournalReader
from lockgate.redaction import redact
from lockgate.sql import queries
from lockgate.sql.messages import Message

FENCED: Final = "lockgate: the lease belongs to another run"
"""What the server complains about when an intent is to be written after the lease was lost."""


class Intent(NamedTuple):
    """A step that is about to be done."""

    step: str
    position: int
    kind: str
    title: str


class Intended(NamedTuple):
    """The journal's rows of some intents, and the number of the transaction that wrote them."""

    row_ids: tuple[int, ...]
    transaction: str


class Outcome(NamedTuple):
    """What became of some steps that are recorded together; seconds and changed rows are those of each."""

    status: StepStatus
    seconds: Sequence[float | None] = ()
    rows: Sequence[int | None] = ()
    attempts: int = 1
    waited_seconds: float = 0.0
    error: str | None = None


class MigrationEntry(NamedTuple):
    """What is stored of a migration when it begins; ``plan`` is JSON."""

    version: str
    name: str
    file: str
    checksum: str
    statement_checksum: str
    content: str
    rollback_content: str | None
    plan: str | None
    plan_digest: str | None


class JournalWriter(JournalReader):
    """The journal of one target, for the run that holds the lease."""

    def __init__(self, connection: psycopg.Connection[Any], run_id: uuid.UUID, token: int) -> None:
        super().__init__(connection)
        self.run_id = run_id
        self.token = token

    def begin_run(self, kind: str, holder: str, system_identifier: str | None) -> None:
        """Record the run, and that older ones which never ended were abandoned."""
        self._connection.execute(
            "UPDATE lockgate.run SET status = 'abandoned', ended_at = clock_timestamp() WHERE status = 'running'"
        )
        self._connection.execute(
            "INSERT INTO lockgate.run (id, kind, token, holder, lockgate_version, system_identifier)"
            " VALUES (%s, %s, %s, %s, %s, %s)",
            [self.run_id, kind, self.token, holder, __version__, system_identifier],
        )

    def end_run(self, status: RunStatus, error: str | None = None) -> None:
        """Record how the run ended."""
        self._connection.execute(
            "UPDATE lockgate.run SET status = %s, error = %s, ended_at = clock_timestamp() WHERE id = %s",
            [status.value, redact(error) if error else None, self.run_id],
        )

    def begin_migration(self, entry: MigrationEntry, status: MigrationStatus, *, anew: bool = True) -> bool:
        """Record that a migration begins, with all that is needed to finish or undo it.

        ``anew`` marks the steps of earlier tries as belonging to the past. False when the lease is not ours any more;
        then nothing was written.
        """
        return self.ask_begin(entry, status, anew=anew)()

    def ask_begin(
        self, entry: MigrationEntry, status: MigrationStatus, *, anew: bool = True
    ) -> Callable[[], bool]:
        """Like :meth:`begin_migration`, without waiting for the answer: in a pipeline many share a round trip."""
        message = self.beginning(entry, status, anew=anew)
        cursor = self._connection.execute(message.sql, message.values, prepare=True)
        return lambda: cursor.fetchone() is not None

    def beginning(self, entry: MigrationEntry, status: MigrationStatus, *, anew: bool = True) -> Message:
        """What :meth:`begin_migration` sends."""
        return Message(
            queries.read("lockgate.journal", "begin_migration"),
            {
                **entry._asdict(),
                "status": status.value,
                "run_id": self.run_id,
                "token": self.token,
                "anew": anew,
            },
        )

    def set_migration_status(self, version: str, status: MigrationStatus) -> None:
        """Record a migration's new state; ``applied`` also sets the time and the duration."""
        self._connection.execute(*self.status(version, status), prepare=True)

    def status(self, version: str, status: MigrationStatus) -> Message:
        """What :meth:`set_migration_status` sends."""
        return Message(
            queries.read("lockgate.journal", "set_migration_status"),
            {"version": version, "status": status.value},
        )

    def intend(self, version: str, direction: Direction, steps: Sequence[Intent]) -> Intended | None:
        """Record that some steps are about to be done in the current transaction.

        None when the lease is not ours any more; then the transaction can only be rolled back. Otherwise it stays ours
        until the end of the transaction, because its row is locked.
        """
        try:
            rows = self._connection.execute(*self.intents(version, direction, steps)).fetchall()
        except psycopg.errors.InvalidTextRepresentation as error:
            if FENCED in str(error):
                return None
            raise
        return intended(rows)

    def intents(self, version: str, direction: Direction, steps: Sequence[Intent]) -> Message:
        """What :meth:`intend` sends; the server's answer is read by :func:`intended`, or complains of FENCED."""
        columns: Iterable[Sequence[Any]] = zip(*steps, strict=True)
        names, positions, kinds, titles = (list(column) for column in columns)
        return Message(
            queries.read("lockgate.journal", "intend"),
            {
                "run_id": self.run_id,
                "token": self.token,
                "fenced": FENCED,
                "version": version,
                "direction": direction,
                "steps": names,
                "positions": positions,
                "kinds": kinds,
                "titles": titles,
            },
        )

    def finish(
        self,
        row_ids: Sequence[int],
        status: StepStatus,
        *,
        seconds: Sequence[float | None] = (),
        rows: Sequence[int | None] = (),
        attempts: int = 1,
        waited_seconds: float = 0.0,
        error: str | None = None,
    ) -> None:
        """Record what became of intended steps."""
        outcome = Outcome(status, seconds, rows, attempts, waited_seconds, error)
        self._connection.execute(*self.outcome(row_ids, outcome))

    def outcome(self, row_ids: Sequence[int], outcome: Outcome) -> Message:
        """What :meth:`finish` sends."""
        nothing: list[None] = [None] * len(row_ids)
        return Message(
            queries.read("lockgate.journal", "finish"),
            {
                "ids": list(row_ids),
                "status": outcome.status.value,
                "seconds": list(outcome.seconds) or nothing,
                "rows": list(outcome.rows) or nothing,
                "attempts": outcome.attempts,
                "waited": outcome.waited_seconds,
                "error": redact(outcome.error) if outcome.error else None,
            },
        )

    def note_ending(
        self,
        connection: psycopg.Connection[Any],
        version: str,
        step: str,
        who: Mapping[str, Any],
        reason: str,
    ) -> None:
        """Record, before the act, that a session is ended; on a connection that is in no transaction.

        ``who`` has pid, user, application, state, seconds (of its transaction) and query (without literals).
        """
        connection.execute(
            queries.read("lockgate.journal", "note_ending"),
            {**who, "run_id": self.run_id, "version": version, "step": step, "reason": reason},
        )

    def open_gate(self, name: str, text: str, version: str, person: str) -> None:
        """Record that a person has confirmed a gate's condition."""
        self._connection.execute(
            "INSERT INTO lockgate.gate (name, text, version, opened_at, opened_by)"
            " VALUES (%s, %s, %s, clock_timestamp(), %s) ON CONFLICT (name) DO UPDATE SET text = EXCLUDED.text,"
            " version = EXCLUDED.version, opened_at = clock_timestamp(), opened_by = EXCLUDED.opened_by",
            [name, text, version, person],
        )


def intended(rows: Sequence[tuple[str | None, ...]]) -> Intended:
    """What the server answered to some intents."""
    return Intended(tuple(int(row_id or 0) for row_id, _ in rows), str(rows[0][1]))
