"""One query of the application, and what became of it when it was tried."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Query:
    """One statement that the application sends.

    ``name`` is how reports call it and never holds a value from the statement. ``sql`` has its parameters as ``$1``,
    ``$2`` …; ``parameters`` gives the names that they had, by number. ``claims`` is JSON that may hold ``%(name)s``;
    ``search_path`` is as ``SET`` takes it, None for that of the role.
    """

    name: str
    sql: str = field(repr=False)
    kind: str
    parameters: tuple[str, ...] = ()
    role: str | None = None
    claims: str | None = None
    search_path: str | None = None


@dataclass(frozen=True, slots=True)
class Application:
    """All that is known of an application.

    ``queries`` are those of the one that runs now, ``new_queries`` those of the one to come. ``actor`` is a SELECT
    whose first row gives named parameters their values. ``schemas`` and ``roles`` describe an API that exposes the
    schema itself; without roles there is none.
    """

    queries: tuple[Query, ...] = ()
    new_queries: tuple[Query, ...] = ()
    actor: str | None = None
    schemas: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.queries or self.new_queries)


class Grade(enum.IntEnum):
    """How far a query got; a higher grade is worse."""

    RUNS = 0
    PREPARES = 1
    FAILS = 2


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the server said to a query: no message when it ran.

    A query that only ``PREPARES`` was refused for the values that it was tried with: a duplicate key, a missing parent.
    Or it was not run, for it does what no ROLLBACK takes back; then there is no ``sqlstate``.
    """

    grade: Grade
    sqlstate: str | None = None
    message: str | None = None

    @property
    def is_held_back(self) -> bool:
        """Whether the query was planned and not run."""
        return self.grade is Grade.PREPARES and self.sqlstate is None

    def to_json(self) -> Mapping[str, Any]:
        """The machine form."""
        return {"outcome": self.grade.name.lower(), "sqlstate": self.sqlstate, "message": self.message}


RAN = Outcome(Grade.RUNS)
