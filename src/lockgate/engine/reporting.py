"""What the engine tells while it works; whoever runs it decides how that is shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from lockgate.planning.plan import Plan, Step


@dataclass(frozen=True, slots=True)
class Blocker:
    """A session that stands in our way, without what it may have typed into its query's literals."""

    pid: int
    user: str
    application: str
    state: str
    seconds: float
    query: str
    relation: str | None = None
    prepared_transaction: str | None = None

    def __str__(self) -> str:
        if self.prepared_transaction:
            return f"prepared transaction {self.prepared_transaction!r}, {self.seconds:.0f} s old"
        who = f"{self.user}@{self.application}" if self.application else self.user
        return f"pid {self.pid}  {who}  {self.state} {self.seconds:.0f} s  {self.query}".rstrip()


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a long step is. ``done`` and ``total`` are in the server's own units and None where it does not tell.

    ``remaining`` estimates the seconds that are left of the ``phase``, from the speed so far.
    """

    seconds: float
    phase: str | None = None
    done: float | None = None
    total: float | None = None
    remaining: float | None = None

    @property
    def share(self) -> float | None:
        """The part that is done, from 0 to 1."""
        return min(1.0, self.done / self.total) if self.total and self.done is not None else None


class Reporter(Protocol):
    """Hears what happens; every method returns at once and never raises."""

    def remark(self, severity: str, text: str) -> None:
        """Something to know before anything begins; ``warning`` or ``note``."""

    def plan_started(self, plan: Plan, direction: str) -> None:
        """A plan begins, ``up`` or ``down``."""

    def plan_done(self, plan: Plan, direction: str, seconds: float) -> None:
        """A plan is through."""

    def step_started(self, step: Step) -> None:
        """A step begins."""

    def step_done(self, step: Step, seconds: float, rows: int | None) -> None:
        """A step is done and recorded."""

    def step_skipped(self, step: Step, reason: str) -> None:
        """A step was already done by an earlier run."""

    def waiting(
        self, step: Step, attempt: int, waited: float, blockers: tuple[Blocker, ...], queued: int
    ) -> None:
        """The step waits for a lock; ``queued`` sessions wait behind it."""

    def progress(self, step: Step, progress: Progress) -> None:
        """A step has been running for two seconds or more; told about once a second."""

    def session_ended(self, step: Step, blocker: Blocker, reason: str) -> None:
        """A session that stood in the way was ended, because a rule of the run names it."""

    def retrying(self, step: Step, attempt: int, reason: str, pause: float) -> None:
        """A try has failed, the next one comes after ``pause`` seconds."""

    def reconnecting(self, reason: str, pause: float) -> None:
        """The connection was lost and is opened anew."""

    def notice(self, severity: str, message: str) -> None:
        """The server said something besides its answers."""


class Silence:
    """A Reporter that keeps everything to itself; a base for those that need only a part."""

    def remark(self, severity: str, text: str) -> None:
        """Say nothing."""

    def plan_started(self, plan: Plan, direction: str) -> None:
        """Say nothing."""

    def plan_done(self, plan: Plan, direction: str, seconds: float) -> None:
        """Say nothing."""

    def step_started(self, step: Step) -> None:
        """Say nothing."""

    def step_done(self, step: Step, seconds: float, rows: int | None) -> None:
        """Say nothing."""

    def step_skipped(self, step: Step, reason: str) -> None:
        """Say nothing."""

    def waiting(
        self, step: Step, attempt: int, waited: float, blockers: tuple[Blocker, ...], queued: int
    ) -> None:
        """Say nothing."""

    def progress(self, step: Step, progress: Progress) -> None:
        """Say nothing."""

    def session_ended(self, step: Step, blocker: Blocker, reason: str) -> None:
        """Say nothing."""

    def retrying(self, step: Step, attempt: int, reason: str, pause: float) -> None:
        """Say nothing."""

    def reconnecting(self, reason: str, pause: float) -> None:
        """Say nothing."""

    def notice(self, severity: str, message: str) -> None:
        """Say nothing."""
