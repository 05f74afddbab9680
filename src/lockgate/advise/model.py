"""One thing that an advisor found, and all of them."""

from __future__ import annotations

import enum
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from lockgate.errors import UsageError
from lockgate.types import Severity

_FIGURE: Final = re.compile(r"(?<![\w.\"'])\d[\d.,]*(?![\w\"'])")
"""A number by itself: those that are part of a name tell one object from another."""


class Advisor(enum.StrEnum):
    """Which of the two advisors says it."""

    SECURITY = "security"
    PERFORMANCE = "performance"


@dataclass(frozen=True, slots=True)
class Result:
    """One thing that was found; ``advice`` is the id of a rule of ``lockgate rules`` or of an advice of our own.

    ``safe`` is SQL that puts it right on the database as it is, empty where none can be given.
    """

    advice: str
    advisor: Advisor
    severity: Severity
    message: str
    why: str
    safe: str = ""

    @property
    def fingerprint(self) -> str:
        """The same for the same trouble with the same object; figures in the message do not count."""
        words = _FIGURE.sub("#", self.message.partition(" (")[0])
        return hashlib.sha256(f"{self.advice}\0{words}".encode()).hexdigest()[:16]

    def to_json(self) -> dict[str, Any]:
        """The machine form."""
        return {
            "advice": self.advice,
            "advisor": self.advisor.value,
            "severity": self.severity.value,
            "message": self.message,
            "why": self.why,
            "safe": self.safe or None,
            "fingerprint": self.fingerprint,
        }

    @classmethod
    def from_json(cls, entry: dict[str, Any]) -> Result:
        """Read what :meth:`to_json` wrote; raises UsageError."""
        try:
            return cls(
                entry["advice"],
                Advisor(entry["advisor"]),
                Severity(entry["severity"]),
                entry["message"],
                entry["why"],
                entry.get("safe") or "",
            )
        except (KeyError, TypeError, ValueError) as error:
            raise UsageError(f"This is no result of lockgate advise --json: {error}.") from error


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a change did: results that came with it, and those that it put right."""

    new: tuple[Result, ...]
    gone: tuple[Result, ...]


def compare(before: Iterable[Result], after: Iterable[Result]) -> Comparison:
    """Compare the results of two moments, or of two databases."""
    old = {result.fingerprint: result for result in before}
    now = {result.fingerprint: result for result in after}
    return Comparison(
        tuple(result for key, result in now.items() if key not in old),
        tuple(result for key, result in old.items() if key not in now),
    )
