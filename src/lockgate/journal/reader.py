"""Reads the journal; works, with empty answers, where there is none."""

from __future__ import annotations

from dataclasses import fields
from typing import Any, Final, TypeVar

import psycopg
from psycopg.rows import class_row, dict_row

from lockgate.journal import format as journal_format
from lockgate.journal.model import (
    EndedSession,
    LeaseRecord,
    MigrationLine,
    MigrationRecord,
    MigrationStatus,
    RunRecord,
    RunStatus,
    StepRecord,
    StepStatus,
)

T = TypeVar("T")

_ENDINGS_SINCE: Final = 5
"""The format of the journal that knows ended sessions; one that an older Lockgate made is still read."""

_MIGRATION = (
    "SELECT version, name, file, status, checksum, statement_checksum, content, rollback_content, plan, plan_digest,"
    " run_id, started_at, applied_at, seconds FROM lockgate.migration"
)
_STEP = (
    "SELECT id, run_id, version, direction, step, position, kind, title, status,"
    " transaction_id::text::bigint AS transaction_id, attempts, waited_seconds, seconds, row_count, error, started_at,"
    " ended_at FROM lockgate.step"
)


class JournalReader:
    """Questions to the journal of one target."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection
        self._installed: bool | None = None

    def use(self, connection: psycopg.Connection[Any]) -> None:
        """Go on with another connection to the same target."""
        self._connection = connection

    @property
    def installed(self) -> bool:
        """Whether there is a journal of a format that this version reads."""
        if not self._installed:
            self._installed = journal_format.check(self._connection) is not None
        return self._installed

    def migrations(self) -> dict[str, MigrationRecord]:
        """Every migration that was ever begun here, by version."""
        if not self.installed:
            return {}
        with self._connection.cursor(row_factory=dict_row) as cursor:
            rows = cursor.execute(_MIGRATION + " ORDER BY version").fetchall()
        return {row["version"]: _migration(row) for row in rows}

    def overview(self) -> dict[str, MigrationLine]:
        """Every migration that was ever begun here, by version, in few bytes."""
        if not self.installed:
            return {}
        rows = self._connection.execute(
            f"SELECT {', '.join(MigrationLine._fields)} FROM lockgate.migration ORDER BY version"
        )
        return {
            version: MigrationLine(version, name, MigrationStatus(status), *rest)
            for version, name, status, *rest in rows.fetchall()
        }

    def migration(self, version: str) -> MigrationRecord | None:
        """One migration, or None."""
        if not self.installed:
            return None
        with self._connection.cursor(row_factory=dict_row) as cursor:
            row = cursor.execute(_MIGRATION + " WHERE version = %s", [version]).fetchone()
        return _migration(row) if row else None

    def unfinished(self) -> tuple[MigrationRecord, ...]:
        """Migrations that were begun, up or down, and not ended."""
        if not self.installed:
            return ()
        with self._connection.cursor(row_factory=dict_row) as cursor:
            rows = cursor.execute(
                _MIGRATION + " WHERE status IN ('applying', 'rolling back') ORDER BY version"
            ).fetchall()
        return tuple(_migration(row) for row in rows)

    def steps(self, version: str | None = None, run_id: object = None) -> tuple[StepRecord, ...]:
        """The steps of a version or of a run (of all, without either), oldest first."""
        if not self.installed:
            return ()
        with self._connection.cursor(row_factory=dict_row) as cursor:
            rows = cursor.execute(
                _STEP
                + " WHERE (%(v)s::text IS NULL OR version = %(v)s) AND (%(r)s::uuid IS NULL OR run_id = %(r)s)"
                " ORDER BY id",
                {"v": version, "r": run_id},
            ).fetchall()
        return tuple(StepRecord(**{**row, "status": StepStatus(row["status"])}) for row in rows)

    def runs(self, limit: int = 50) -> tuple[RunRecord, ...]:
        """The newest runs, newest first."""
        if not self.installed:
            return ()
        with self._connection.cursor(row_factory=dict_row) as cursor:
            rows = cursor.execute(
                "SELECT id, kind, status, token, holder, lockgate_version, started_at, ended_at, error"
                " FROM lockgate.run ORDER BY started_at DESC, id LIMIT %s",
                [limit],
            ).fetchall()
        return tuple(RunRecord(**{**row, "status": RunStatus(row["status"])}) for row in rows)

    def ended_sessions(
        self, *, version: str | None = None, run_id: object = None
    ) -> tuple[EndedSession, ...]:
        """The sessions that runs ended to get their locks: of a version, of a run, or all; oldest first."""
        if not self.installed or (journal_format.installed_version(self._connection) or 0) < _ENDINGS_SINCE:
            return ()
        with self._connection.cursor(row_factory=class_row(EndedSession)) as cursor:
            return tuple(
                cursor.execute(
                    f"SELECT {', '.join(field.name for field in fields(EndedSession))} FROM lockgate.ended_session"
                    " WHERE (%(v)s::text IS NULL OR version = %(v)s) AND (%(r)s::uuid IS NULL OR run_id = %(r)s)"
                    " ORDER BY id",
                    {"v": version, "r": run_id},
                )
            )

    def lease(self) -> LeaseRecord | None:
        """Who holds or held the lease last, or None where there is no journal."""
        if not self.installed:
            return None
        with self._connection.cursor(row_factory=class_row(LeaseRecord)) as cursor:
            return cursor.execute("SELECT token, run_id, holder, acquired_at FROM lockgate.lease").fetchone()

    def open_gates(self) -> frozenset[str]:
        """The names of the gates that a person has opened."""
        if not self.installed:
            return frozenset()
        rows = self._connection.execute(
            "SELECT name FROM lockgate.gate WHERE opened_at IS NOT NULL"
        ).fetchall()
        return frozenset(name for (name,) in rows)


def _migration(row: dict[str, Any]) -> MigrationRecord:
    return MigrationRecord(**{**row, "status": MigrationStatus(row["status"])})
