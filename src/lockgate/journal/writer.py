"""Writes the journal; each method is one statement in the caller's transaction.

Methods that begin with ``ask`` send their statement and return at once: in a pipeline several of them share a round
trip, and what they return is called for the answer afterwards. The statements of every step stay prepared.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import psycopg
from psycopg.types.json import Jsonb

from lockgate import __version__
from lockgate.journal.model import Direction, MigrationStatus, RunStatus, StepStatus
from lockgate.journal.reader import JournalReader
from lockgate.redaction import redact
from lockgate.sql import queries


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


class MigrationEntry(NamedTuple):
    """What is stored of a migration when it begins."""

    version: str
    name: str
    file: str
    checksum: str
    statement_checksum: str
    content: str
    rollback_content: str | None
    plan: dict[str, Any] | None
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
        """Like :meth:`begin_migration`, without waiting for the answer."""
        cursor = self._connection.execute(
            queries.read("lockgate.journal", "begin_migration"),
            {
                **entry._asdict(),
                "plan": Jsonb(entry.plan) if entry.plan is not None else None,
                "status": status.value,
                "run_id": self.run_id,
                "token": self.token,
                "anew": anew,
            },
            prepare=True,
        )
        return lambda: cursor.fetchone() is not None

    def set_migration_status(self, version: str, status: MigrationStatus) -> None:
        """Record a migration's new state; ``applied`` also sets the time and the duration."""
        self._connection.execute(
            queries.read("lockgate.journal", "set_migration_status"),
            {"version": version, "status": status.value},
            prepare=True,
        )

    def intend(self, version: str, direction: Direction, steps: Sequence[Intent]) -> Intended | None:
        """Record that some steps are about to be done in the current transaction.

        None when the lease is not ours any more; then nothing was written. Otherwise it stays ours until the end of the
        transaction, because its row is locked.
        """
        return self.ask_intend(version, direction, steps)()

    def ask_intend(
        self, version: str, direction: Direction, steps: Sequence[Intent]
    ) -> Callable[[], Intended | None]:
        """Like :meth:`intend`, without waiting for the answer."""
        columns: Iterable[Sequence[Any]] = zip(*steps, strict=True)
        names, positions, kinds, titles = (list(column) for column in columns)
        cursor = self._connection.execute(
            queries.read("lockgate.journal", "intend"),
            {
                "run_id": self.run_id,
                "token": self.token,
                "version": version,
                "direction": direction,
                "steps": names,
                "positions": positions,
                "kinds": kinds,
                "titles": titles,
            },
            prepare=True,
        )
        return lambda: _intended(cursor.fetchall())

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
        nothing: list[None] = [None] * len(row_ids)
        self._connection.execute(
            queries.read("lockgate.journal", "finish"),
            {
                "ids": list(row_ids),
                "status": status.value,
                "seconds": list(seconds) or nothing,
                "rows": list(rows) or nothing,
                "attempts": attempts,
                "waited": waited_seconds,
                "error": redact(error) if error else None,
            },
            prepare=True,
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


def _intended(rows: Sequence[tuple[int, str]]) -> Intended | None:
    return Intended(tuple(row_id for row_id, _ in rows), rows[0][1]) if rows else None
