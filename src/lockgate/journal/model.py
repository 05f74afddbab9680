"""The values that the journal holds."""

from __future__ import annotations

import enum
import uuid
from datetime import datetime
from typing import Any, Literal, NamedTuple

from lockgate.values import value

Direction = Literal["up", "down"]


class MigrationStatus(enum.StrEnum):
    """How far a migration is on a target."""

    APPLYING = "applying"
    APPLIED = "applied"
    ROLLING_BACK = "rolling back"
    ROLLED_BACK = "rolled back"
    BASELINE = "baseline"


class StepStatus(enum.StrEnum):
    """What is known of one attempt at one step."""

    INTENDED = "intended"
    DONE = "done"
    FAILED = "failed"
    INTERRUPTED = "interrupted"
    SUPERSEDED = "superseded"


class RunStatus(enum.StrEnum):
    """How a run ended, or that it has not."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    INTERRUPTED = "interrupted"
    ABANDONED = "abandoned"


@value(frozen=True, slots=True)
class Applied:
    """One applied version as the history has it; ``statements`` is what the Supabase CLI stored, where it did."""

    version: str
    name: str
    statements: tuple[str, ...] | None = None
    raw_version: str = ""


@value(frozen=True, slots=True)
class MigrationRecord:
    """What the journal knows of one migration."""

    version: str
    name: str
    file: str
    status: MigrationStatus
    checksum: str
    statement_checksum: str
    content: str
    rollback_content: str | None
    plan: dict[str, Any] | None
    plan_digest: str | None
    run_id: uuid.UUID | None
    started_at: datetime
    applied_at: datetime | None
    seconds: float | None


class MigrationLine(NamedTuple):
    """What the journal knows of one migration, without its texts and its Plan."""

    version: str
    name: str
    status: MigrationStatus
    checksum: str
    statement_checksum: str
    applied_at: datetime | None


@value(frozen=True, slots=True)
class StepRecord:
    """One attempt at one step."""

    id: int
    run_id: uuid.UUID
    version: str
    direction: Direction
    step: str
    position: int
    kind: str
    title: str
    status: StepStatus
    transaction_id: int | None
    attempts: int
    waited_seconds: float
    seconds: float | None
    row_count: int | None
    error: str | None
    started_at: datetime
    ended_at: datetime | None

    def to_json(self) -> dict[str, Any]:
        """The step as the machine output has it."""
        return {
            "id": self.step,
            "kind": self.kind,
            "title": self.title,
            "status": self.status.value,
            "seconds": self.seconds,
            "attempts": self.attempts,
            "waited_seconds": self.waited_seconds,
            "rows": self.row_count,
            "error": self.error,
        }


@value(frozen=True, slots=True)
class RunRecord:
    """One run of a command that changed, or tried to change, the target."""

    id: uuid.UUID
    kind: str
    status: RunStatus
    token: int
    holder: str
    lockgate_version: str
    started_at: datetime
    ended_at: datetime | None
    error: str | None


@value(frozen=True, slots=True)
class EndedSession:
    """A session that a run ended because a rule of the run names it."""

    version: str
    step: str
    pid: int
    role: str
    application: str
    state: str
    transaction_seconds: float
    query: str
    reason: str
    decided_at: datetime


@value(frozen=True, slots=True)
class LeaseRecord:
    """Who holds, or held last, the right to change the target."""

    token: int
    run_id: uuid.UUID | None
    holder: str | None
    acquired_at: datetime | None
