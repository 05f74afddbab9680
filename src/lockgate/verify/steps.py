"""What a verification did, step by step, as every run's steps look in the machine output."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Step:
    """One thing that was verified: ``passed``, ``failed``, or ``skipped`` with the reason in ``error``."""

    id: str
    kind: str
    status: str = "passed"
    seconds: float = 0.0
    rows: int | None = None
    error: str | None = None
    details: list[str] = field(default_factory=list)

    @property
    def failed(self) -> bool:
        """Whether it did not prove to be as meant."""
        return self.status == "failed"

    def fail(self, error: str, details: list[str] | None = None) -> None:
        """It is not as meant."""
        self.status, self.error = "failed", error
        self.details += details or []

    def to_json(self) -> dict[str, Any]:
        """The step of the machine output."""
        return {
            "id": self.id,
            "kind": self.kind,
            "status": self.status,
            "seconds": round(self.seconds, 3),
            "attempts": 1 if self.status != "skipped" else 0,
            "waited_seconds": 0.0,
            "rows": self.rows,
            "error": self.error,
            "details": self.details,
        }


@contextmanager
def timed(step: Step) -> Iterator[Step]:
    """Measure how long a step takes."""
    began = time.monotonic()
    try:
        yield step
    finally:
        step.seconds = time.monotonic() - began
