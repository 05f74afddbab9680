"""How commands tell what the engine does: lines for a person, events for a program."""

from __future__ import annotations

import threading
import time

from lockgate.console import Console, counted, duration
from lockgate.engine.reporting import Blocker, Progress, Silence
from lockgate.planning.plan import Plan, Step


class Teller(Silence):
    """A Reporter that writes to the console; repeated news about the same wait is told at most once a second."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._last_wait = 0.0
        self._last_progress = 0.0
        self._lock = threading.Lock()
        self._count = 0

    def plan_started(self, plan: Plan, direction: str) -> None:
        """Name the migration."""
        self._count += 1
        verb = "applying" if direction == "up" else "rolling back"
        self._console.event(
            "migration", version=plan.version, name=plan.name, direction=direction, state="started"
        )
        if self._console.verbose:
            self._console.say(f"{verb} {plan.label}")

    def plan_done(self, plan: Plan, direction: str, seconds: float) -> None:
        """One line for each migration that is through."""
        word = "applied" if direction == "up" else "rolled back"
        self._console.event(
            "migration",
            version=plan.version,
            name=plan.name,
            direction=direction,
            state="done",
            seconds=seconds,
        )
        self._console.say(
            f"  {self._console.style(f'{word:<12}', 'green')} {plan.label}  {duration(seconds)}"
        )

    def step_done(self, step: Step, seconds: float, rows: int | None) -> None:
        """Each step, for those who asked for more."""
        self._console.event("step", id=step.id, state="done", seconds=seconds, rows=rows)
        count = f"  {counted(rows, 'row')}" if rows is not None else ""
        self._console.note(f"    {step.title}  {duration(seconds)}{count}")

    def step_skipped(self, step: Step, reason: str) -> None:
        """Steps that need not be done again."""
        self._console.event("step", id=step.id, state="skipped", reason=reason)
        self._console.note(f"    {step.title}  {reason}")

    def waiting(
        self, step: Step, attempt: int, waited: float, blockers: tuple[Blocker, ...], queued: int
    ) -> None:
        """Who is in the way."""
        with self._lock:
            now = time.monotonic()
            if now - self._last_wait < 1.0:
                return
            self._last_wait = now
        self._console.event(
            "waiting",
            id=step.id,
            attempt=attempt,
            waited_seconds=round(waited, 2),
            blockers=[blocker.pid for blocker in blockers],
            queued=queued,
        )
        if self._console.as_json or self._console.quiet:
            return
        self._console.warn(f"{step.title}   try {attempt}, waited {duration(waited)} in all")
        for blocker in blockers[:5]:
            self._console.warn(f"  held by  {blocker}")
        if queued:
            self._console.warn(f"  behind us  {queued}")

    def progress(self, step: Step, progress: Progress) -> None:
        """How far a long step is, at most every five seconds for a person."""
        self._console.event("progress", id=step.id, **_numbers(progress))
        now = time.monotonic()
        if self._console.as_json or self._console.quiet or now - self._last_progress < 5.0:
            return
        self._last_progress = now
        share = f", {progress.phase}" if progress.phase else ""
        if progress.share is not None:
            share += f" {progress.share:.0%}"
        if progress.remaining is not None:
            share += f", about {duration(progress.remaining)} left"
        self._console.say(f"  running      {step.title[:60]}  {duration(progress.seconds)}{share}")

    def session_ended(self, step: Step, blocker: Blocker, reason: str) -> None:
        """Whom the run has ended."""
        self._console.event("session_ended", id=step.id, pid=blocker.pid, reason=reason)
        if not self._console.as_json:
            self._console.warn(f"ended {blocker}: {reason}")

    def retrying(self, step: Step, attempt: int, reason: str, pause: float) -> None:
        """A try that failed."""
        self._console.event(
            "retry", id=step.id, attempt=attempt, reason=reason, pause_seconds=round(pause, 3)
        )
        self._console.note(f"    try {attempt}: {reason}; next try in {duration(pause)}")

    def reconnecting(self, reason: str, pause: float) -> None:
        """A lost connection."""
        self._console.event("reconnecting", reason=reason, pause_seconds=round(pause, 3))
        if not self._console.as_json:
            self._console.warn(f"connection lost: {reason}; reconnecting")

    def remark(self, severity: str, text: str) -> None:
        """What is to know before the first migration."""
        self._console.event("remark", severity=severity, text=text)
        if severity == "warning" and not self._console.as_json:
            self._console.warn(text)
        else:
            self._console.note(f"    {severity}: {text}")

    def notice(self, severity: str, message: str) -> None:
        """What the server says."""
        self._console.event("notice", severity=severity, message=message)
        if severity == "WARNING" and not self._console.as_json:
            self._console.warn(message)
        else:
            self._console.note(f"    {severity.lower()}: {message}")


def _numbers(progress: Progress) -> dict[str, object]:
    return {
        "seconds": round(progress.seconds, 1),
        "phase": progress.phase,
        "share": round(progress.share, 3) if progress.share is not None else None,
        "remaining_seconds": round(progress.remaining, 1) if progress.remaining is not None else None,
    }
