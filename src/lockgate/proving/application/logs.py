"""Reads the application's queries from a server's log: stderr, csvlog or jsonlog, with ``log_statement`` or durations.

Values in the log are used to try a query, and never shown.
"""

from __future__ import annotations

import csv
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, TextIO

from lockgate.errors import UsageError
from lockgate.proving.application.parameters import tables_in
from lockgate.proving.application.query import Query
from lockgate.proving.application.reading import Collected, query_of
from lockgate.proving.application.sessions import Session
from lockgate.proving.application.shown import name_of, shortened
from lockgate.sql.identifiers import QualifiedName
from lockgate.sql.parse import parse, parse_one, walk

_STATEMENT: Final = re.compile(
    r"(?:duration: [\d.]+ ms\s+)?(?:statement|execute [^:]*|execute fetch from [^:]*): (?P<sql>.+)", re.DOTALL
)
_LINE: Final = re.compile(
    r"(?P<prefix>.*?)(?P<level>LOG|DETAIL|HINT|STATEMENT|ERROR|FATAL|PANIC|WARNING|NOTICE|INFO|DEBUG\d?|CONTEXT"
    r"|QUERY|LOCATION|BACKTRACE):  ?(?P<text>.*)"
)
_CONSTANT: Final = re.compile(r"'(?:[^'\\]|''|\\.)*'|\b\d[\d.]*\b")
_USER: Final = re.compile(r"\b(?:user=(?P<user>[\w$-]+)|(?P<short>[\w$-]+)@[\w$-]+)")
_PROCESS: Final = re.compile(r"\[(\d+)\]|\bpid=(\d+)")
_USER_COLUMN, _SESSION_COLUMN, _MESSAGE_COLUMN, _DETAIL_COLUMN, _CSV_COLUMNS = 1, 5, 13, 14, 23
_LONGEST_FIELD: Final = 64 << 20


@dataclass(frozen=True, slots=True)
class Logged:
    """A statement that was sent, and the user, session and search path that sent it, as far as they are known.

    ``detail`` is what a log adds: the values of the parameters.
    """

    sql: str
    user: str | None = None
    session: str | None = None
    detail: str = ""
    search_path: str | None = None


def read_log(path: Path, role: str | None = None, claims: str | None = None) -> Collected:
    """The different queries of a log, each once; raises UsageError for a file that cannot be read."""
    try:
        with path.open(encoding="utf-8", errors="replace", newline="") as log:
            return distinct(_as_their_senders(_entries(log)), role, claims)
    except (OSError, csv.Error) as error:
        why = error.strerror if isinstance(error, OSError) else error
        raise UsageError(f"The log {path} cannot be read: {why}") from error


def distinct(
    entries: Iterable[Logged],
    role: str | None = None,
    claims: str | None = None,
    most: int | None = None,
) -> Collected:
    """Entries as queries, those that differ only in their values once; with ``most``, the first so many."""
    gatherer = _Gatherer(claims)
    for entry in entries:
        gatherer.take(entry.sql, role or entry.user, entry.search_path)
        if len(gatherer.found) == most:
            break
    return Collected(gatherer.named(), gatherer.passed_over)


def _as_their_senders(entries: Iterable[Logged]) -> Iterator[Logged]:
    """Entries statement by statement, with the role that a session had become, and its search path."""
    sessions: defaultdict[str, Session] = defaultdict(Session)
    for entry in entries:
        for sql in _statements(entry.sql):
            if entry.session is None:
                yield replace(entry, sql=sql)
                continue
            session = sessions[entry.session]
            session.follow(sql, entry.detail)
            yield replace(entry, sql=sql, user=session.role or entry.user, search_path=session.search_path)


def _statements(sql: str) -> list[str]:
    """The statements of one message; one that cannot be read stays whole."""
    if ";" not in sql.rstrip().removesuffix(";") or "\0" in sql:
        return [sql]
    script = parse(sql)
    return [sql] if script.failures else [statement.sql for statement in script.statements]


@dataclass(slots=True)
class _Gatherer:
    claims: str | None
    found: dict[tuple[str, str | None, str | None], Query] = field(default_factory=dict)
    passed_over: int = 0
    _seen: set[tuple[str, str | None, str | None]] = field(default_factory=set)

    def take(self, sql: str, role: str | None, path: str | None) -> None:
        """One more statement; one that looks like an earlier one is not even parsed, for a log may be long."""
        looks = (_CONSTANT.sub("?", sql), role, path)
        if looks in self._seen:
            return
        self._seen.add(looks)
        query = query_of(sql, "", role, self.claims, path)
        if query is None or not _is_of_the_application(query.sql):
            self.passed_over += 1
        else:
            self.found.setdefault((name_of(query.sql), role, path), query)

    def named(self) -> tuple[Query, ...]:
        """All of them, each with a name that no other has."""
        names: set[str] = set()
        return tuple(
            replace(query, name=_free(shortened(words), names)) for (words, *_), query in self.found.items()
        )


def _free(name: str, taken: set[str]) -> str:
    number, free = 1, name
    while free in taken:
        number += 1
        free = f"{name} ({number})"
    taken.add(free)
    return free


def _is_of_the_application(sql: str) -> bool:
    """Drivers and monitors ask the system catalogs and set up their session: a schema change does not touch those."""
    tree = parse_one(sql).node
    own = {node["ctename"] for kind, node in walk(tree) if kind == "CommonTableExpr"}
    asked = [table for table in tables_in(tree) if table.schema or table.name not in own]
    if asked:
        return not all(_is_the_system_s(table) for table in asked)
    return not re.match(r"\s*select\s+(?:pg_catalog\.)?set_config\b", sql, re.IGNORECASE)


def _is_the_system_s(table: QualifiedName) -> bool:
    return table.schema in ("pg_catalog", "information_schema") or (
        table.schema != "public" and table.name.startswith("pg_")
    )


def _entries(log: TextIO) -> Iterator[Logged]:
    is_json = log.readline().startswith("{")
    log.seek(0)
    if is_json:
        return _from_json(log)
    csv.field_size_limit(_LONGEST_FIELD)
    row = next(csv.reader(log), [])
    log.seek(0)
    return _from_csv(log) if len(row) >= _CSV_COLUMNS else _from_stderr(log)


def _from_json(lines: Iterable[str]) -> Iterator[Logged]:
    for line in lines:
        try:
            entry = json.loads(line)
        except ValueError:
            continue
        if isinstance(entry, dict):
            session = entry.get("session_id") or entry.get("pid")
            yield from _statement(
                str(entry.get("message", "")),
                entry.get("user"),
                str(session) if session else None,
                str(entry.get("detail", "")),
            )


def _from_csv(lines: Iterable[str]) -> Iterator[Logged]:
    for row in csv.reader(lines):
        if len(row) >= _CSV_COLUMNS:
            yield from _statement(
                row[_MESSAGE_COLUMN],
                row[_USER_COLUMN] or None,
                row[_SESSION_COLUMN] or None,
                row[_DETAIL_COLUMN],
            )


@dataclass(slots=True)
class _Entry:
    """An entry on stderr as its lines come: the prefix, the message, and the detail behind it."""

    prefix: str = ""
    message: list[str] = field(default_factory=list)
    detail: list[str] = field(default_factory=list)

    def read(self) -> Iterator[Logged]:
        """The statement, if it is one."""
        user, process = _USER.search(self.prefix), _PROCESS.search(self.prefix)
        yield from _statement(
            "\n".join(self.message),
            (user["user"] or user["short"]) if user else None,
            (process[1] or process[2]) if process else None,
            "\n".join(self.detail),
        )


def _from_stderr(log: Iterable[str]) -> Iterator[Logged]:
    """Entries begin with a prefix and a level; the lines of a statement after the first one begin with a tab."""
    entry, lines = _Entry(), _Entry().message
    for line in (text.rstrip("\r\n") for text in log):
        match = None if line.startswith("\t") else _LINE.match(line)
        if match is None:
            lines.append(line.removeprefix("\t"))
        elif match["level"] == "DETAIL":
            lines = entry.detail
            lines.append(match["text"])
        else:
            yield from entry.read()
            entry = _Entry(match["prefix"])
            # What failed is named by STATEMENT; it is not what works.
            lines = entry.message if match["level"] == "LOG" else []
            lines.append(match["text"])
    yield from entry.read()


def _statement(message: str, user: str | None, session: str | None, detail: str) -> Iterator[Logged]:
    match = _STATEMENT.fullmatch(message)
    if match is not None:
        yield Logged(match["sql"], user, session, detail)
