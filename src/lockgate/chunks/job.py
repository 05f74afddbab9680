"""A job: one statement, the relations that it walks, their ranges, and the settings that every runner obeys."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any, Literal

from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from lockgate.chunks.limits import Limits
from lockgate.chunks.quiet import QuietHours
from lockgate.chunks.table import Connection
from lockgate.chunks.walkers.walker import Kind, Range
from lockgate.errors import NeedsPersonError, UsageError

Mode = Literal["converges", "once"]


@dataclass(frozen=True, slots=True)
class Settings:
    """How gently a job goes. Milliseconds, rows, and rows per second; None is no limit.

    ``first_rows`` and ``largest_rows`` bound a chunk; ``sweeps`` is how often the remainder is swept up at the end;
    ``asynchronous_commit`` lets the server confirm a chunk before it is on disk, which is safe because the cursor is
    lost together with the rows, never alone. ``left`` says what it means when rows that were written after a whole
    sweep match the statement once more: an error, or only a note, as after one statement over the whole table.
    """

    target_ms: float = 100.0
    first_rows: int = 1_000
    largest_rows: int = 50_000
    pause_ms: float = 0.0
    rows_per_second: float | None = None
    quiet: str | None = None
    lock_timeout_ms: int = 500
    statement_timeout_ms: int = 15_000
    lease_seconds: float = 30.0
    max_skipped: int = 100
    sweeps: int = 3
    left: Literal["error", "note"] = "error"
    asynchronous_commit: bool = True
    ignored_signals: tuple[str, ...] = ()
    limits: dict[str, float] = field(default_factory=dict)
    units_per_row: float = 1.0

    def __post_init__(self) -> None:
        for name in ("target_ms", "first_rows", "largest_rows", "lock_timeout_ms", "lease_seconds"):
            if getattr(self, name) <= 0:
                raise UsageError(f"The setting {name} must be above zero.")
        if self.rows_per_second is not None and self.rows_per_second <= 0:
            raise UsageError("The rate must be above zero; to stop, pause the backfill.")
        Limits.from_mapping(self.limits)
        if self.quiet:
            QuietHours.parse(self.quiet)

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> Settings:
        """Read what :meth:`to_json` wrote; what is not known is left out."""
        known = {field.name for field in fields(cls)}
        values = {name: value for name, value in document.items() if name in known}
        values["ignored_signals"] = tuple(values.get("ignored_signals", ()))
        return cls(**values)

    def to_json(self) -> dict[str, Any]:
        """The settings as plain JSON values."""
        return asdict(self)

    @property
    def quiet_hours(self) -> QuietHours | None:
        """The hours in which the job rests."""
        return QuietHours.parse(self.quiet) if self.quiet else None

    def largest_units(self) -> int:
        """The upper bound of a chunk in units; a rate limit bounds it to what may be done in a second."""
        rows = self.largest_rows
        if self.rows_per_second:
            rows = min(rows, max(1, int(self.rows_per_second)))
        return max(1, round(rows * self.units_per_row))


@dataclass(frozen=True, slots=True)
class SourceSpec:
    """One relation of a job and the SQL that walks it."""

    oid: int
    relation: str
    filenode: int | None
    probe_sql: str
    chunk_sql: str
    last_sql: str
    key_sql: str
    ranges: tuple[Range, ...]


@dataclass(frozen=True, slots=True)
class JobSpec:
    """All that is stored when a job is created."""

    name: str
    kind: Kind
    statement: str
    digest: str
    target: str
    walker: str
    passes: int
    reasons: tuple[str, ...]
    mode: Mode
    session: dict[str, str]
    remaining_sql: str | None
    unfixable_sql: str | None
    settings: Settings
    rows_estimate: int
    rows_counted: bool
    notes: tuple[str, ...]
    sources: tuple[SourceSpec, ...]


@dataclass(frozen=True, slots=True)
class Job:
    """A stored job."""

    id: int
    name: str
    kind: Kind
    statement: str
    digest: str
    target: str
    walker: str
    passes: int
    reasons: list[str]
    mode: Mode
    session: dict[str, str]
    remaining_sql: str | None
    settings_json: dict[str, Any]
    desired: str
    status: str
    sweep: int
    rows_estimate: int | None
    rows_counted: bool
    rows_left: int | None
    rows_unfixable: int | None
    notes: list[str]
    error: str | None

    @property
    def settings(self) -> Settings:
        """The settings as a value."""
        return Settings.from_json(self.settings_json)


_COLUMNS = (
    "id, name, kind, statement, digest, target, walker, passes, reasons, mode, session, remaining_sql,"
    " settings AS settings_json, desired, status, sweep, rows_estimate, rows_counted, rows_left, rows_unfixable, notes,"
    " error"
)


def journal_is_there(connection: Connection) -> bool:
    """Whether this database has the tables of backfills at all."""
    row = connection.execute("SELECT to_regclass('lockgate.backfill_job') IS NOT NULL").fetchone()
    return bool(row and row[0])


def find_job(connection: Connection, name: str | int) -> Job | None:
    """A job by name or id."""
    column = "id" if isinstance(name, int) else "name"
    with connection.cursor(row_factory=class_row(Job)) as cursor:
        return cursor.execute(
            f"SELECT {_COLUMNS} FROM lockgate.backfill_job WHERE {column} = %s".encode(), [name]
        ).fetchone()


def get_job(connection: Connection, name: str | int) -> Job:
    """Like :func:`find_job`; raises UsageError when there is none."""
    job = find_job(connection, name)
    if job is None:
        raise UsageError(
            f"There is no backfill called {name!r} here.", next_steps=["lockgate backfill status"]
        )
    return job


def create_job(connection: Connection, spec: JobSpec) -> Job:
    """Store a job with its sources and ranges, in one transaction; a job of that name must not be there."""
    with connection.transaction():
        row = connection.execute(_INSERT_JOB, _job_values(spec)).fetchone()
        assert row is not None
        job_id = int(row[0])
        with connection.cursor() as cursor:
            for number, source in enumerate(spec.sources):
                cursor.execute(_INSERT_SOURCE, [job_id, number, *_source_values(source)])
                cursor.executemany(_INSERT_RANGE, _range_values(job_id, number, source.ranges))
        connection.execute(
            "INSERT INTO lockgate.backfill_range (job_id, kind) VALUES (%s, 'verify')", [job_id]
        )
    return get_job(connection, job_id)


_INSERT_JOB = """
INSERT INTO lockgate.backfill_job (name, kind, statement, digest, target, walker, passes, reasons, mode, session,
  remaining_sql, unfixable_sql, settings, rows_estimate, rows_counted, notes)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s) RETURNING id
"""
_INSERT_SOURCE = """
INSERT INTO lockgate.backfill_source
  (job_id, number, relation, relation_name, filenode, probe_sql, chunk_sql, last_sql, key_sql)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)
"""
_INSERT_RANGE = """
INSERT INTO lockgate.backfill_range (job_id, source, number, pass, position, upper_bound, units_total)
VALUES (%s, %s, %s, %s, %s, %s, %s)
"""


def _job_values(spec: JobSpec) -> list[Any]:
    return [
        *(spec.name, spec.kind, spec.statement, spec.digest, spec.target, spec.walker, spec.passes),
        *(list(spec.reasons), spec.mode, Jsonb(spec.session), spec.remaining_sql, spec.unfixable_sql),
        *(Jsonb(spec.settings.to_json()), spec.rows_estimate, spec.rows_counted, list(spec.notes)),
    ]


def _source_values(source: SourceSpec) -> list[Any]:
    return [
        *(source.oid, source.relation, source.filenode),
        *(source.probe_sql, source.chunk_sql, source.last_sql, source.key_sql),
    ]


def _range_values(job_id: int, source: int, ranges: tuple[Range, ...]) -> list[list[Any]]:
    return [
        [job_id, source, number, part.pass_number, part.start, part.end, part.units]
        for number, part in enumerate(ranges)
    ]


def change_settings(connection: Connection, name: str, **changes: Any) -> Job:
    """Change settings of a job that may be running; every runner sees them within about a second."""
    with connection.transaction():
        connection.execute("SELECT FROM lockgate.backfill_job WHERE name = %s FOR UPDATE", [name])
        settings = replace(get_job(connection, name).settings, **changes)
        connection.execute(
            "UPDATE lockgate.backfill_job SET settings = %s WHERE name = %s",
            [json.dumps(settings.to_json()), name],
        )
    return get_job(connection, name)


def pause(connection: Connection, name: str) -> Job:
    """Ask every runner to stop behind its chunk; raises NeedsPersonError when the job has ended."""
    return _desire(connection, name, "pause", ("running",))


def cancel(connection: Connection, name: str) -> Job:
    """End the job for good; what is done stays done. Raises NeedsPersonError when it has ended."""
    job = _desire(connection, name, "cancel", ("running", "failed", "incomplete"))
    connection.execute(
        "UPDATE lockgate.backfill_job SET status = 'cancelled', finished_at = clock_timestamp() WHERE id = %s",
        [job.id],
    )
    return get_job(connection, name)


def resume(connection: Connection, name: str) -> Job:
    """Let a paused, failed, cancelled or incomplete job go on from where it is."""
    job = _desire(connection, name, "run", ("running", "failed", "incomplete", "cancelled"))
    if job.status != "running":
        connection.execute(
            "UPDATE lockgate.backfill_job SET status = 'running', error = NULL, finished_at = NULL,"
            " first_sweep = sweep WHERE id = %s",
            [job.id],
        )
        connection.execute(
            "UPDATE lockgate.backfill_range SET done = false WHERE job_id = %s AND kind = 'verify'", [job.id]
        )
        if job.mode == "converges":
            # The next sweep tries them again; a job that meets each row once has only this record of them.
            connection.execute(
                "DELETE FROM lockgate.backfill_skipped WHERE job_id = %s AND sweep = %s", [job.id, job.sweep]
            )
    return get_job(connection, name)


_VERBS = {"run": "resume", "pause": "pause", "cancel": "cancel"}


def _desire(connection: Connection, name: str, desired: str, allowed: tuple[str, ...]) -> Job:
    with connection.transaction():
        job = get_job(connection, name)
        if job.status not in allowed:
            raise NeedsPersonError(
                f"The backfill {name} is {job.status}; there is nothing to {_VERBS[desired]}.",
                state="nothing was changed",
                next_steps=["lockgate backfill status"],
            )
        connection.execute("UPDATE lockgate.backfill_job SET desired = %s WHERE id = %s", [desired, job.id])
    return get_job(connection, name)
