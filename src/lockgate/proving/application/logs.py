"""Reads the application's queries from a server's log: stderr, csvlog or jsonlog, with ``log_statement`` or durations.

Values in the log are used to try a query, and never shown.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from lockgate.errors import UsageError
from lockgate.proving.application.query import Query
from lockgate.proving.application.reading import Collected, query_of
from lockgate.proving.application.shown import name_of, shortened

_STATEMENT: Final = re.compile(
    r"(?:duration: [\d.]+ ms\s+)?(?:statement|execute [^:]*|execute fetch from [^:]*): (?P<sql>.+)", re.DOTALL
)
_LINE: Final = re.compile(
    r"^(?P<prefix>\S.*?)?\b(?P<level>LOG|DETAIL|HINT|STATEMENT|ERROR|WARNING|CONTEXT):\s+(?P<text>.*)$"
)
_USER: Final = re.compile(r"\b(?:user=(?P<user>[\w$-]+)|(?P<short>[\w$-]+)@[\w$-]+)")
_USER_COLUMN, _MESSAGE_COLUMN, _CSV_COLUMNS = 1, 13, 23


@dataclass(frozen=True, slots=True)
class Logged:
    """A statement in a log and the user who sent it, where the log says so."""

    sql: str
    user: str | None = None


def read_log(path: Path, role: str | None = None, claims: str | None = None) -> Collected:
    """The different queries of a log, each once; raises UsageError for a file that cannot be read."""
    try:
        text = path.read_text("utf-8", errors="replace")
    except OSError as error:
        raise UsageError(f"The log {path} cannot be read: {error.strerror}") from error
    return distinct(_entries(text), role, claims)


def distinct(entries: Iterable[Logged], role: str | None = None, claims: str | None = None) -> Collected:
    """Entries as queries, those that differ only in their values once."""
    gatherer = _Gatherer(claims)
    for entry in entries:
        gatherer.take(entry.sql, role or entry.user)
    return Collected(gatherer.named(), gatherer.passed_over)


@dataclass(slots=True)
class _Gatherer:
    claims: str | None
    found: dict[tuple[str, str | None], Query] = field(default_factory=dict)
    passed_over: int = 0

    def take(self, sql: str, role: str | None) -> None:
        """One more statement."""
        query = query_of(sql, "", role, self.claims)
        if query is None or not _is_of_the_application(query.sql):
            self.passed_over += 1
        else:
            self.found.setdefault((name_of(query.sql), role), query)

    def named(self) -> tuple[Query, ...]:
        """All of them, each with a name that no other has."""
        names: set[str] = set()
        return tuple(
            replace(query, name=_free(shortened(words), names)) for (words, _), query in self.found.items()
        )


def _free(name: str, taken: set[str]) -> str:
    number, free = 1, name
    while free in taken:
        number += 1
        free = f"{name} ({number})"
    taken.add(free)
    return free


def _is_of_the_application(sql: str) -> bool:
    """Drivers and monitors ask the system catalogs; a schema change does not touch those."""
    return not re.search(
        r"\b(pg_catalog|pg_stat_\w+|information_schema|pg_type|pg_class|pg_namespace)\b", sql
    )


def _entries(text: str) -> Iterator[Logged]:
    first = text.lstrip()[:1]
    if first == "{":
        return _from_json(text)
    rows = next(csv.reader(io.StringIO(text[:100_000])), [])
    return _from_csv(text) if len(rows) >= _CSV_COLUMNS else _from_stderr(text)


def _from_json(text: str) -> Iterator[Logged]:
    for line in text.splitlines():
        try:
            entry = json.loads(line)
        except ValueError:
            continue
        yield from _statement(str(entry.get("message", "")), entry.get("user"))


def _from_csv(text: str) -> Iterator[Logged]:
    for row in csv.reader(io.StringIO(text)):
        if len(row) >= _CSV_COLUMNS:
            yield from _statement(row[_MESSAGE_COLUMN], row[_USER_COLUMN] or None)


def _from_stderr(text: str) -> Iterator[Logged]:
    """Entries begin with a prefix and a level; the lines of a statement after the first one begin with a tab."""
    message: list[str] = []
    user: str | None = None
    for line in [*text.splitlines(), "LOG:  end"]:
        if line.startswith("\t"):
            message.append(line[1:])
            continue
        match = _LINE.match(line)
        if match is None:
            continue
        yield from _statement("\n".join(message), user)
        message = [match["text"]] if match["level"] == "LOG" else []
        found = _USER.search(match["prefix"] or "")
        user = (found["user"] or found["short"]) if found else None


def _statement(message: str, user: str | None) -> Iterator[Logged]:
    match = _STATEMENT.fullmatch(message)
    if match is not None:
        yield Logged(match["sql"], user)
