"""What a file says around its statements: BEGIN and COMMIT, time limits, and settings for all that follows.

The parts of a change are files of their own, each with its own transactions and time limits.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from lockgate.planning.changes import Part
from lockgate.planning.strategies.base import Answer
from lockgate.sql.parse import Statement

_WHOLE: Final = frozenset({"TRANS_STMT_BEGIN", "TRANS_STMT_START", "TRANS_STMT_COMMIT"})
_LIMITS: Final = frozenset(
    {"lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout", "transaction_timeout"}
)


@dataclass(slots=True)
class Framing:
    """What was said so far around the statements."""

    limits: list[str] = field(default_factory=list)
    settings: list[str] = field(default_factory=list)
    transactions: bool = False

    def takes(self, statement: Statement) -> bool:
        """Whether a statement only frames the others; then it is remembered."""
        tree = statement.tree
        if statement.kind == "TransactionStmt" and tree.get("kind") in _WHOLE:
            self.transactions = True
            return True
        if statement.kind != "VariableSetStmt":
            return False
        (self.limits if tree.get("name") in _LIMITS else self.settings).append(statement.sql)
        return True

    def around(self, answer: Answer) -> Answer:
        """The answer with the settings that hold for it in each of its parts."""
        said = tuple(self.settings)
        if not said:
            return answer
        parts = tuple(
            replace(part, sql=(*said, *part.sql), back=(*said, *part.back) if part.back else ())
            for part in answer.parts
        )
        return replace(answer, parts=parts)

    def limited(self, parts: Sequence[Part]) -> tuple[Part, ...]:
        """The parts with the time limits, where they are still the file that said them."""
        if len(parts) != 1 or parts[0].one_by_one or parts[0].gate:
            return tuple(parts)
        return (replace(parts[0], sql=(*self.limits, *parts[0].sql)),)

    def notes(self, parts: Sequence[Part]) -> tuple[str, ...]:
        """What of it is left out."""
        notes = []
        if self.transactions:
            notes.append("BEGIN and COMMIT are left out: each file has its own transaction")
        if self.limits and parts and self.limits[0] not in parts[0].sql:
            notes.append(f"{'; '.join(self.limits)}: left out, since each step has time limits of its own")
        return tuple(notes)
