"""What the server says when it refuses a query, in words that quote neither a row nor a constant."""

from __future__ import annotations

import re
from typing import Final

import psycopg
from psycopg import pq
from psycopg.errors import lookup

from lockgate.proving.application.query import Grade, Outcome

_ABOUT_VALUES: Final = ("22", "23", "44", "P0", "21")
"""Classes of errors that speak of the values of a statement, not of the schema."""

_ABOUT_THE_TRIAL: Final = frozenset({"57014", "2D000", "25001"})
"""Errors that a trial brings about: it has a limit of time, and is itself a transaction."""

_FOREIGN: Final = "access to non-system foreign table is restricted"
_SUCCESS: Final = (pq.ExecStatus.COMMAND_OK, pq.ExecStatus.TUPLES_OK, pq.ExecStatus.SINGLE_TUPLE)
_NEAR: Final = re.compile(r' at or near ".*"', re.DOTALL)


class RefusedError(Exception):
    """The server refused a message of the extended protocol; ``words`` may be shown.

    ``raised`` tells that a function did so on its own account.
    """

    def __init__(self, sqlstate: str | None, message: str, source: str) -> None:
        self.sqlstate = sqlstate
        self.raised = source == "exec_stmt_raise"
        self.words = _kind_of(sqlstate) if self.raised or _may_quote(sqlstate) else _NEAR.sub("", message)
        super().__init__(self.words)


def accepted(result: pq.abc.PGresult) -> None:
    """Nothing, or the error that a result is, raised as RefusedError."""
    if result.status in _SUCCESS:
        return
    state, message, source = (
        (result.error_field(field) or b"").decode("utf-8", "replace")
        for field in (
            pq.DiagnosticField.SQLSTATE,
            pq.DiagnosticField.MESSAGE_PRIMARY,
            pq.DiagnosticField.SOURCE_FUNCTION,
        )
    )
    raise RefusedError(state or None, message, source)


def outcome_of(error: RefusedError | psycopg.Error) -> Outcome:
    """How far a query got that was refused when it was run."""
    if not isinstance(error, RefusedError):
        said = error.diag
        error = RefusedError(error.sqlstate, said.message_primary or str(error), said.source_function or "")
    if error.words == _FOREIGN:
        return Outcome(Grade.PREPARES, None, "not run: it asks another server through a foreign table")
    excused = error.raised or is_about_values(error.sqlstate) or error.sqlstate in _ABOUT_THE_TRIAL
    return Outcome(Grade.PREPARES if excused else Grade.FAILS, error.sqlstate, error.words)


def is_about_values(sqlstate: str | None) -> bool:
    """Whether an error speaks of the values that a statement was tried with."""
    return (sqlstate or "")[:2] in _ABOUT_VALUES


def _may_quote(sqlstate: str | None) -> bool:
    """Whether the server's words for such an error may hold a value; those about constraints name only them."""
    return is_about_values(sqlstate) and (sqlstate or "")[:2] != "23"


def _kind_of(sqlstate: str | None) -> str:
    try:
        name = lookup(sqlstate or "").__name__
    except KeyError:
        return "an error of the application's own"
    return "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in name).strip()
