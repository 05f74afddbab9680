"""Ends sessions that stand in the way, for those who asked for it by name: opt-in, narrow, written down before the act.

Never ended, whatever the rules say: autovacuum (the server itself cancels what it can; a run against wraparound must
finish), replication, other runners, backups, maintenance commands, prepared transactions.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import psycopg

from lockgate.engine.reporting import Blocker
from lockgate.errors import UsageError
from lockgate.sql import queries

FIELDS = ("application_name", "role")


@dataclass(frozen=True, slots=True)
class Rule:
    """Which sessions may be ended: those whose application name, or role, fits a pattern with ``*`` and ``?``."""

    field: str
    pattern: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """``PATTERN``, ``application_name=PATTERN`` or ``role=PATTERN``; raises UsageError for what fits everybody."""
        field, equals, pattern = text.partition("=")
        if not equals:
            field, pattern = "application_name", text
        if field not in FIELDS:
            raise UsageError(
                f"A session cannot be named by {field!r}.",
                next_steps=["--terminate-blockers application_name=PATTERN or role=PATTERN"],
            )
        if not pattern.strip("*?"):
            raise UsageError(
                f"The pattern {pattern!r} fits every session.",
                why="only sessions that are named may be ended",
                next_steps=[
                    "name the application or the role: --terminate-blockers 'application_name=report-*'"
                ],
            )
        return cls(field, pattern)

    def fits(self, blocker: Blocker) -> bool:
        """Whether a session is one of those that the rule names."""
        value = blocker.user if self.field == "role" else blocker.application
        return blocker.prepared_transaction is None and fnmatch.fnmatchcase(value, self.pattern)

    def __str__(self) -> str:
        return f"{self.field}={self.pattern}"


def chosen(
    connection: psycopg.Connection[Any], rules: Sequence[Rule], blockers: Sequence[Blocker]
) -> tuple[tuple[Blocker, Rule], ...]:
    """The sessions among ``blockers`` that a rule names and that may be ended, each with its rule."""
    named = {b.pid: (b, rule) for b in blockers for rule in reversed(rules) if b.pid and rule.fits(b)}
    if not named:
        return ()
    rows = connection.execute(queries.read("lockgate.engine", "terminable"), {"pids": list(named)}).fetchall()
    return tuple(named[pid] for (pid,) in rows)


def end(connection: psycopg.Connection[Any], blocker: Blocker) -> bool:
    """End a session, if it is still the one that was chosen; False when it is gone or this role may not end it."""
    try:
        row = connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity"
            " WHERE pid = %s AND usename = %s AND coalesce(nullif(application_name, ''), backend_type, '') = %s",
            [blocker.pid, blocker.user, blocker.application],
        ).fetchone()
    except psycopg.errors.InsufficientPrivilege:
        return False
    return row is not None and bool(row[0])
