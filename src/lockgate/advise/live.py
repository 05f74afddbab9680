"""The advisors that need the running database: how it is used, how large it is, what is installed.

Each is one file of SQL below ``queries/`` that begins with its page, and one line here. It returns rows of ``message``
(one sentence with the name of the object; figures in parentheses at its end), ``why`` and ``safe`` (SQL, or null).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import psycopg

from lockgate.advise.model import Advisor, Result
from lockgate.sql.queries import read as read_query
from lockgate.types import Severity


@dataclass(frozen=True, slots=True)
class Advice:
    """One question to a running database; ``id`` names its file, with underscores."""

    id: str
    advisor: Advisor
    severity: Severity

    @property
    def text(self) -> str:
        """The file: the page in its first comment lines, then the query."""
        return read_query("lockgate.advise", self.id.replace("-", "_"))

    @property
    def doc(self) -> str:
        """The page."""
        lines = []
        for line in self.text.splitlines():
            if not line.startswith("--"):
                break
            lines.append(line[2:].removeprefix(" "))
        return "\n".join(lines)

    @property
    def title(self) -> str:
        """The first line of the page."""
        return self.doc.partition("\n")[0]


ALL: Final = (
    Advice("extension-outdated", Advisor.SECURITY, Severity.WARNING),
    Advice("insecure-queue-exposed", Advisor.SECURITY, Severity.ERROR),
    Advice("invalid-index", Advisor.PERFORMANCE, Severity.WARNING),
    Advice("key-running-out", Advisor.PERFORMANCE, Severity.WARNING),
    Advice("table-bloat", Advisor.PERFORMANCE, Severity.INFO),
    Advice("unused-index", Advisor.PERFORMANCE, Severity.INFO),
    Advice("unvalidated-constraint", Advisor.PERFORMANCE, Severity.WARNING),
)


def from_server(
    connection: psycopg.Connection[Any], schemas: list[str], exposed: list[str], ignore: frozenset[str]
) -> Iterator[Result]:
    """What the running database tells; ``schemas`` are the project's, ``exposed`` those of the API.

    Takes AccessShare locks on catalogs only.
    """
    values = {"schemas": schemas, "exposed": exposed}
    for advice in ALL:
        if advice.id in ignore:
            continue
        for message, why, safe in connection.execute(advice.text.encode(), values).fetchall():
            yield Result(advice.id, advice.advisor, advice.severity, message, why, safe or "")
