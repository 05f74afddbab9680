"""The one error tree: what went wrong, what state the database is in, and what to do next.

Every error that a user can meet is a :class:`LockgateError`. The command line prints its four parts and ends with its
``exit_code``; nothing else may end a command. A message never carries a secret or the contents of a row.
"""

from __future__ import annotations

import enum
from pathlib import Path
from typing import ClassVar


class ExitCode(enum.IntEnum):
    """The exit codes of every command."""

    OK = 0
    ERROR = 1
    USAGE = 2
    FINDINGS = 3
    LOCK_BUDGET = 4
    DRIFT = 5
    VERIFICATION_FAILED = 6
    ROLLED_BACK = 7
    NEEDS_PERSON = 8
    INTERRUPTED = 130


class LockgateError(Exception):
    """The root of the tree.

    ``message`` says what is wrong, ``state`` in what state the database is now, ``why`` the cause where it is known,
    ``next_steps`` the exact commands or actions that are safe now, ``evidence`` where more can be seen.
    """

    exit_code: ClassVar[ExitCode] = ExitCode.ERROR

    def __init__(
        self,
        message: str,
        *,
        state: str | None = None,
        why: str | None = None,
        next_steps: tuple[str, ...] | list[str] = (),
        evidence: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.state = state
        self.why = why
        self.next_steps = tuple(next_steps)
        self.evidence = evidence

    def to_json(self) -> dict[str, object]:
        """The ``error`` document of the machine output."""
        return {
            "error": type(self).__name__,
            "message": self.message,
            "state": self.state,
            "why": self.why,
            "next": list(self.next_steps),
            "evidence": self.evidence,
            "exit_code": int(self.exit_code),
        }


class UsageError(LockgateError):
    """The command was called with words that do not fit."""

    exit_code = ExitCode.USAGE


class ConfigError(UsageError):
    """A settings file cannot be used as it is; the message names the file and the key."""


class SourceError(LockgateError):
    """Something is wrong at one place of one file of the project."""

    exit_code = ExitCode.USAGE

    def __init__(
        self,
        message: str,
        *,
        path: Path | str,
        line: int | None = None,
        column: int | None = None,
        why: str | None = None,
        next_steps: tuple[str, ...] | list[str] = (),
    ) -> None:
        place = ":".join(str(part) for part in (path, line, column) if part is not None)
        super().__init__(
            f"{place}: {message}", state="nothing was sent to a database", why=why, next_steps=next_steps
        )
        self.path = Path(path)
        self.line = line
        self.column = column


class SqlSyntaxError(LockgateError):
    """A text that should be SQL is not; ``offset`` counts characters from 0."""

    exit_code = ExitCode.USAGE

    def __init__(self, message: str, *, offset: int | None = None) -> None:
        super().__init__(message)
        self.offset = offset


class ConnectionFailedError(LockgateError):
    """The target cannot be reached, or refuses us."""


class UnfitTargetError(LockgateError):
    """The target answers but must not be changed through this connection (pooler, standby, too old)."""


class HistoryError(LockgateError):
    """The files and the target's history contradict each other."""

    exit_code = ExitCode.DRIFT


class DriftError(LockgateError):
    """Two schemas that should be equal are not."""

    exit_code = ExitCode.DRIFT


class LeaseHeldError(LockgateError):
    """Another runner is at work on this target."""

    exit_code = ExitCode.NEEDS_PERSON


class LockBudgetError(LockgateError):
    """The locks could not be had within the budget; nothing was changed."""

    exit_code = ExitCode.LOCK_BUDGET


class StepFailedError(LockgateError):
    """A statement failed on the server."""


class VerificationError(LockgateError):
    """What was done does not prove to be what was meant."""

    exit_code = ExitCode.VERIFICATION_FAILED


class NeedsPersonError(LockgateError):
    """Only a person can decide what happens next."""

    exit_code = ExitCode.NEEDS_PERSON


class InterruptedRunError(LockgateError):
    """Somebody stopped the run."""

    exit_code = ExitCode.INTERRUPTED


class OutputError(LockgateError):
    """What a command has to say cannot be written: the disk is full, or the file behind the stream is gone."""


class LocalServerError(LockgateError):
    """The embedded server cannot be had, started or reached."""
