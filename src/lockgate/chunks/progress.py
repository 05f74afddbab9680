"""How far a job is: rows done and left, rate, estimated end, and what holds it back."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from psycopg.rows import dict_row

from lockgate.chunks.table import Connection
from lockgate.errors import UsageError


@dataclass(frozen=True, slots=True)
class Progress:
    """One job as it is now. ``rows_left`` is counted when ``counted`` says so, otherwise estimated."""

    name: str
    status: str
    table: str
    walker: str
    sweep: int
    rows_done: int
    rows_left: int | None
    counted: bool
    rows_unfixable: int | None
    rows_skipped: int
    share: float
    rows_per_second: float
    seconds_left: float | None
    workers: int
    chunk_size: int | None
    chunk_ms: float | None
    throttled_by: str | None
    started_at: datetime
    finished_at: datetime | None
    error: str | None

    def to_json(self) -> dict[str, Any]:
        """The progress as the machine output has it."""
        document = asdict(self)
        document["started_at"] = self.started_at.isoformat()
        document["finished_at"] = self.finished_at.isoformat() if self.finished_at else None
        return document


def read_progress(connection: Connection, name: str) -> Progress:
    """The progress of one job; raises UsageError when there is none of that name."""
    found = _read(connection, "j.name = %s", [name])
    if not found:
        raise UsageError(
            f"There is no backfill called {name!r} here.", next_steps=["lockgate backfill status"]
        )
    return found[0]


def read_all_progress(connection: Connection) -> tuple[Progress, ...]:
    """The progress of every job, the newest first."""
    return tuple(_read(connection, "true", []))


_QUERY = """
SELECT j.name, j.target, j.walker, j.sweep, j.status AS raw_status, j.desired, j.rows_estimate, j.rows_counted,
  j.rows_left, j.rows_unfixable, j.created_at, j.finished_at, j.error, p.rows_processed, p.rows_skipped,
  r.units_done, r.units_total, w.workers, w.rate, w.chunk_size, w.chunk_ms, w.throttled_by,
  extract(epoch FROM coalesce(j.finished_at, clock_timestamp()) - j.created_at)::double precision AS elapsed
FROM lockgate.backfill_job AS j
JOIN lockgate.migration_progress AS p ON p.id = j.id
LEFT JOIN LATERAL (
  SELECT coalesce(sum(CASE WHEN done THEN greatest(units_total, units_done) ELSE units_done END), 0)::double precision
      AS units_done,
    coalesce(sum(greatest(units_total, units_done)), 0)::double precision AS units_total
  FROM lockgate.backfill_range WHERE job_id = j.id AND kind = 'walk' AND sweep = j.sweep
) AS r ON true
LEFT JOIN LATERAL (
  SELECT count(*) AS workers, coalesce(sum(rows_per_second), 0) AS rate, max(chunk_size) AS chunk_size,
    max(chunk_ms) AS chunk_ms, string_agg(DISTINCT throttled_by, '; ') AS throttled_by
  FROM lockgate.backfill_worker WHERE job_id = j.id AND seen_at > clock_timestamp() - interval '30 seconds'
) AS w ON true
WHERE {} ORDER BY j.id DESC
"""


def _read(connection: Connection, condition: str, values: list[Any]) -> list[Progress]:
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(_QUERY.format(condition).encode(), values).fetchall()
    return [_progress(row) for row in rows]


def _progress(row: dict[str, Any]) -> Progress:
    ended = row["raw_status"] in ("done", "incomplete")
    share = (
        1.0 if ended else min(0.999, row["units_done"] / row["units_total"] if row["units_total"] else 0.0)
    )
    left, counted = _rows_left(row, share)
    return Progress(
        name=row["name"],
        status=_status(row),
        table=row["target"],
        walker=row["walker"],
        sweep=row["sweep"],
        rows_done=row["rows_processed"],
        rows_left=left,
        counted=counted,
        rows_unfixable=row["rows_unfixable"],
        rows_skipped=row["rows_skipped"],
        share=share,
        rows_per_second=round(row["rate"], 1),
        seconds_left=None if ended else _seconds_left(row, share),
        workers=row["workers"],
        chunk_size=row["chunk_size"],
        chunk_ms=row["chunk_ms"],
        throttled_by=row["throttled_by"],
        started_at=row["created_at"],
        finished_at=row["finished_at"],
        error=row["error"],
    )


def _rows_left(row: dict[str, Any], share: float) -> tuple[int | None, bool]:
    if row["rows_left"] is not None:
        return row["rows_left"], True
    if row["rows_estimate"] is None:
        return None, False
    if row["rows_counted"]:
        return max(0, row["rows_estimate"] - row["rows_processed"]), True
    return round(row["rows_estimate"] * (1 - share)), False


def _seconds_left(row: dict[str, Any], share: float) -> float | None:
    if not 0 < share < 1 or row["raw_status"] != "running":
        return None
    return float(row["elapsed"] * (1 - share) / share)


def _status(row: dict[str, Any]) -> str:
    if row["raw_status"] == "running" and row["desired"] == "pause":
        return "paused"
    return str(row["raw_status"])
