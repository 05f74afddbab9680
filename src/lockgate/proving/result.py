"""What a proof found, as values with their machine form."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Any

from lockgate.proving.measuring import Measured
from lockgate.types import strongest


class Rollback(enum.StrEnum):
    """What became of the way back."""

    EXACT = "exact"
    DIFFERS = "differs"
    FAILED = "failed"
    MISSING = "missing"
    IRREVERSIBLE = "irreversible"
    SKIPPED = "skipped"


class Rows(enum.StrEnum):
    """Over which rows a migration was proved; less than hostile ones where it does not apply to those."""

    DUMP = "dump"
    HOSTILE = "hostile"
    PLAIN = "plain"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Repeat:
    """How a second run of a migration right after the first one ended.

    ``clean`` is true when it changed nothing more, whether it stopped with an error or not.
    """

    error: str | None
    clean: bool

    @property
    def is_idempotent(self) -> bool:
        """Whether the second run succeeds and changes nothing."""
        return self.error is None and self.clean

    def __str__(self) -> str:
        if self.is_idempotent:
            return "a second run changes nothing"
        if self.error is None:
            return "a second run succeeds and changes more"
        if self.clean:
            return f"a second run stops without changing anything: {self.error}"
        return f"a second run stops half way and leaves what it did: {self.error}"


@dataclass(frozen=True, slots=True)
class Newcomers:
    """What the rollback does to rows that were written after the migration.

    ``tables`` are those that took new rows; ``refusal`` is the server's error, None when the rollback ran; ``lost``
    are sentences about rows that went with it.
    """

    tables: tuple[str, ...]
    refusal: str | None = None
    lost: tuple[str, ...] = ()

    def __str__(self) -> str:
        if self.refusal is not None:
            return f"once new rows are written, the rollback is refused: {self.refusal}"
        if self.lost:
            return "rows that are written after the migration go with the rollback: " + "; ".join(self.lost)
        return "rows that are written after the migration outlive the rollback"

    def to_json(self) -> dict[str, Any]:
        """The machine form."""
        outcome = "refused" if self.refusal is not None else "lost" if self.lost else "kept"
        return {
            "outcome": outcome,
            "tables": list(self.tables),
            "error": self.refusal,
            "lost": list(self.lost),
        }


@dataclass(frozen=True, slots=True)
class Later:
    """What the rollback does after all later migrations, by itself.

    ``refusal`` is the server's error, None when it ran; ``takes`` are objects of later migrations that went with it.
    """

    refusal: str | None = None
    takes: tuple[str, ...] = ()

    def __str__(self) -> str:
        if self.refusal is not None:
            return f"refused: {self.refusal}"
        if self.takes:
            return "takes along what later migrations made: " + "; ".join(self.takes)
        return "possible by itself"

    def to_json(self) -> dict[str, Any]:
        """The machine form."""
        outcome = "refused" if self.refusal is not None else "takes more" if self.takes else "possible"
        return {"outcome": outcome, "error": self.refusal, "takes": list(self.takes)}


@dataclass(frozen=True, slots=True)
class Lock:
    """The locks of one statement as measured, with what was forecast of it (None: nothing was)."""

    file: str
    line: int
    kind: str
    measured: Measured
    surprises: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The shape of a forecast, with what is known by measuring alone."""
        locks = self.measured.locks
        mode = strongest(locks) if locks else None
        return {
            "file": self.file,
            "statement": self.measured.statement,
            "line": self.line,
            "kind": self.kind,
            "measured": locks is not None,
            "relations": [lock.to_json() for lock in locks or ()],
            "transactional": locks is not None,
            "blocks": mode.blocks if mode else "nothing",
            "seconds": round(self.measured.seconds, 6),
            "not_forecast": list(self.surprises),
        }


@dataclass(frozen=True, slots=True)
class Proof:
    """All that was found about one migration.

    ``applied`` is None when it was not tried. ``differences`` are sentences about schema and data after the rollback,
    and about the schema after applying again. ``column_order`` tells what no rollback can restore and what therefore
    counts as no fault.
    """

    version: str
    name: str
    file: str
    applied: bool | None
    rollback: Rollback
    seconds: float = 0.0
    rollback_seconds: float | None = None
    rollback_file: str | None = None
    differences: tuple[str, ...] = ()
    data_restored: bool | None = None
    reapplied: bool | None = None
    repeat: Repeat | None = None
    locks: tuple[Lock, ...] = ()
    error: str | None = None
    rollback_error: str | None = None
    warnings: tuple[str, ...] = ()
    column_order: tuple[str, ...] = ()
    rows: Rows = Rows.NONE
    row_count: int = 0
    why_fewer_rows: str | None = None
    declared: str | None = None
    newcomers: Newcomers | None = None
    later: Later | None = None

    def faults(self, *, require_rollbacks: bool = False) -> tuple[str, ...]:
        """What makes the proof fail, in words; empty when it stands."""
        found: list[str] = []
        if self.applied is False:
            found.append("the migration does not apply")
        if self.rollback is Rollback.FAILED:
            found.append("the rollback fails")
        if self.rollback is Rollback.DIFFERS:
            found.append("the rollback leaves another schema")
        if self.rollback is Rollback.MISSING and require_rollbacks:
            found.append("there is no rollback")
        if self.data_restored is False and self.declared is None:
            found.append("the rollback does not bring the data back")
        if self.reapplied is False:
            found.append("it cannot be applied again after its rollback")
        return tuple(found)

    def to_json(self) -> dict[str, Any]:
        """The entry of ``test --json``."""
        return {
            "version": self.version,
            "name": self.name,
            "file": self.file,
            "rollback_file": self.rollback_file,
            "applied": self.applied,
            "seconds": round(self.seconds, 6),
            "rollback": self.rollback.value,
            "rollback_seconds": None if self.rollback_seconds is None else round(self.rollback_seconds, 6),
            "rollback_error": self.rollback_error,
            "differences": list(self.differences),
            "column_order": list(self.column_order),
            "data_restored": self.data_restored,
            "reapplied": self.reapplied,
            "idempotent": self.repeat.is_idempotent if self.repeat else None,
            "second_run": str(self.repeat) if self.repeat else None,
            "locks": [lock.to_json() for lock in self.locks],
            "warnings": list(self.warnings),
            "rows": self.rows.value,
            "row_count": self.row_count,
            "why_fewer_rows": self.why_fewer_rows,
            "irreversible": self.declared,
            "after_new_rows": self.newcomers.to_json() if self.newcomers else None,
            "after_later": self.later.to_json() if self.later else None,
            "error": self.error,
            "faults": list(self.faults()),
        }
