"""What makes a local database what it is, one thing over the other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from lockgate.migration.model import Migration

if TYPE_CHECKING:
    from lockgate.engine.executors import Executors
    from lockgate.engine.reporting import Reporter

Tools = Callable[[], "tuple[Reporter | None, Executors | None]"]
"""Gives what a run tells its news to, and the executors of the features."""


@dataclass(frozen=True, slots=True)
class Layer:
    """One thing that makes the local database what it is: a migration, a script such as the seed, or settings."""

    label: str
    digest: str
    migration: Migration | None = None
    script: Path | None = None
    sql: str = field(default="", repr=False)

    @property
    def text(self) -> bytes:
        """What to run where it is no migration."""
        return self.script.read_bytes() if self.script else self.sql.encode()


@dataclass(frozen=True, slots=True)
class Failed:
    """A file that a reset left out because the server, or Lockgate, refused it."""

    label: str
    message: str
    digest: str
