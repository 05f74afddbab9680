"""What ``lockgate backfill`` shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lockgate.backfill.executor import progress_detail, progress_line
from lockgate.cli.frame import Workplace
from lockgate.console import counted, duration
from lockgate.errors import ExitCode

if TYPE_CHECKING:
    from lockgate.backfill.run import Observe, Outcome
    from lockgate.chunks.job import Job
    from lockgate.chunks.progress import Progress


def showing(place: Workplace, bar: Any) -> Observe:
    """Show the progress on a bar, and as JSON lines."""

    def show(progress: Progress) -> None:
        total = progress.rows_done + (progress.rows_left or 0)
        bar.update(progress.rows_done, total=total, detail=progress_detail(progress))
        place.console.event("backfill", **progress.to_json())

    return show


def tell_begun(place: Workplace, name: str) -> ExitCode:
    """Say that nobody works on it yet, and who could."""
    place.console.say(f"{name} is begun; nobody works on it yet.")
    place.console.say(f"  next    lockgate backfill work {name}          a worker here, or on any machine")
    place.console.say(f"          lockgate backfill schedule {name}      pg_cron, inside the database")
    place.console.document({"command": "backfill run", "name": name, "status": "running"})
    return ExitCode.OK


def tell_done(place: Workplace, outcome: Outcome) -> ExitCode:
    """Say what was done and how it was proved."""
    progress = outcome.progress
    seconds = (progress.finished_at - progress.started_at).total_seconds() if progress.finished_at else 0
    proof = _proof(outcome.job)
    place.console.say(
        f"{progress.name} is done: {counted(progress.rows_done, 'row')} in {duration(seconds)}; {proof}."
    )
    place.console.document({"command": "backfill", **outcome.to_json()})
    return ExitCode.OK


def _proof(job: Job) -> str:
    if job.rows_left:
        return job.notes[-1]
    return "counted: none is left" if job.rows_left == 0 else "each row met exactly once"


def tell_one(place: Workplace, outcome: Outcome) -> None:
    """Everything about one backfill."""
    say, job = place.console.say, outcome.job
    say(f"{job.name}  {outcome.progress.status}  {progress_line(outcome.progress).strip()}")
    say(f"  table   {job.target}, walked {job.reasons[0] if job.reasons else job.walker}")
    left, exact = outcome.progress.rows_left, outcome.progress.counted
    if left is not None:
        say(f"  left    {counted(left, 'row')} ({'counted' if exact else 'estimated'})")
    for note in job.notes:
        say(f"  note    {note}")
    if outcome.skipped:
        say(
            f"  aside   {counted(len(outcome.skipped), 'row')}, by key: "
            + ", ".join("/".join(k) for k in outcome.skipped[:10])
        )
    if job.error:
        say(f"  why     {job.error}")
    place.console.document({"command": "backfill status", **outcome.to_json()})


def said(rows: int | None) -> str:
    """A number of rows in words; None is one that cannot be counted."""
    return "it cannot be counted how many rows are" if rows is None else f"{rows:,} rows are"


def row_of(progress: Progress) -> list[object]:
    """One line of the overview."""
    left = progress.rows_left
    return [
        progress.name,
        progress.status,
        f"{progress.share:.0%}",
        f"{progress.rows_done:,}",
        "" if left is None else f"{left:,}" if progress.counted else f"about {left:,}",
        f"{progress.rows_per_second:,.0f}",
        progress.throttled_by or progress.error or "",
    ]
