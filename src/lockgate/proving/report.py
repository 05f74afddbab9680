"""The outcome of a whole run: its machine form, its counts and whether it stands."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from lockgate.proving.dumps import Restored
from lockgate.proving.result import Proof, Rollback
from lockgate.proving.stairs import Stairs


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that was found. ``major`` is the server's version; ``unfilled`` names tables without rows and why."""

    proofs: tuple[Proof, ...]
    stairs: tuple[Stairs, ...]
    unfilled: tuple[tuple[str, str], ...]
    major: int
    seconds: float
    workers: int
    require_rollbacks: bool = False
    restored: Restored | None = None

    @property
    def faulty(self) -> tuple[Proof, ...]:
        """The proofs that do not stand."""
        return tuple(proof for proof in self.proofs if proof.faults(require_rollbacks=self.require_rollbacks))

    @property
    def stands(self) -> bool:
        """Whether all of it is as it should be."""
        return not self.faulty and all(stairs.is_sound for stairs in self._independent_stairs())

    def _independent_stairs(self) -> Sequence[Stairs]:
        """Flights whose faults are not those of single rollbacks anyway."""
        return [
            stairs
            for stairs in self.stairs
            if not {landing.version for landing in stairs.landings} & {proof.version for proof in self.faulty}
        ]

    def count(self, verdict: Rollback) -> int:
        """How many rollbacks got a verdict."""
        return Counter(proof.rollback for proof in self.proofs)[verdict]

    @property
    def data_lost(self) -> tuple[Proof, ...]:
        """The proofs whose rollback does not bring the data back."""
        return tuple(proof for proof in self.proofs if proof.data_restored is False)

    def to_json(self) -> dict[str, Any]:
        """The document of ``test --json``."""
        return {
            "migrations": [
                proof.to_json() | {"faults": list(proof.faults(require_rollbacks=self.require_rollbacks))}
                for proof in self.proofs
            ],
            "staircase": [stairs.to_json() for stairs in self.stairs],
            "summary": {
                "postgres": self.major,
                "migrations": len(self.proofs),
                "applied": sum(proof.applied is True for proof in self.proofs),
                "rollbacks": {verdict.value: self.count(verdict) for verdict in Rollback},
                "data_lost": len(self.data_lost),
                "faulty": len(self.faulty),
                "ok": self.stands,
                "tables_without_rows": [{"table": table, "reason": why} for table, why in self.unfilled],
                "locks_not_foretold": sum(
                    bool(lock.surprises) for proof in self.proofs for lock in proof.locks
                ),
                "seconds": round(self.seconds, 3),
                "workers": self.workers,
                "dump": self.restored.to_json() if self.restored else None,
            },
        }
