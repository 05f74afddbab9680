"""Reads the application's queries from SQL files.

A comment before a statement may say as whom it runs and until further notice: ``-- role: authenticated``,
``-- claims: {"sub": "…"}``, ``-- search_path: app_v2, public``; ``-- name: list_users`` names the one statement behind
it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from lockgate.errors import SqlSyntaxError, UsageError
from lockgate.migration.source import read_source
from lockgate.proving.application.query import Query
from lockgate.proving.application.spelling import understood, without_psql
from lockgate.sql.parse import Statement, parse, parse_one

TRIED: Final = frozenset(
    {
        "SelectStmt",
        "InsertStmt",
        "UpdateStmt",
        "DeleteStmt",
        "MergeStmt",
        "CallStmt",
        "CopyStmt",
        "TruncateStmt",
        "LockStmt",
        "RefreshMatViewStmt",
    }
)
"""The kinds of statement that are tried; all others are not the daily work of an application."""

_LIMIT: Final = 32 << 20
_SAYS: Final = re.compile(r"(role|claims|search_path|name):\s*(.*\S)\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Collected:
    """What some sources gave.

    ``passed_over`` counts what is no query or cannot be read; ``remarks`` say what of it somebody should look at.
    """

    queries: tuple[Query, ...] = ()
    passed_over: int = 0
    remarks: tuple[str, ...] = ()

    def __add__(self, other: Collected) -> Collected:
        return Collected(
            self.queries + other.queries,
            self.passed_over + other.passed_over,
            self.remarks + other.remarks,
        )


def read_files(paths: Iterable[Path], role: str | None = None, claims: str | None = None) -> Collected:
    """The queries of SQL files, and of the SQL files in folders; raises UsageError for what is not there."""
    found = Collected()
    for path in paths:
        for file in _sql_files(path):
            text = read_source(file, file.name, _LIMIT)[1]
            found += read_text(text, file.stem, role, claims)
    return found


def _sql_files(path: Path) -> list[Path]:
    if path.is_dir():
        return sorted(path.glob("*.sql"))
    if not path.is_file():
        raise UsageError(f"There is no file or folder {path} with queries of the application.")
    return [path]


def read_text(text: str, label: str, role: str | None = None, claims: str | None = None) -> Collected:
    """The queries of one text; ``label`` names them, with the line where there are several."""
    statements = parse(without_psql(text)).statements
    sayer = _Sayer(label, role, claims, several=len(statements) > 1)
    queries = [query for statement in statements if (query := sayer.read(statement)) is not None]
    remarks = tuple(f"{label}:{item.line} cannot be read" for item in statements if _is_garbled(item))
    return Collected(tuple(queries), len(statements) - len(queries), remarks)


def _is_garbled(statement: Statement) -> bool:
    return not statement.sql.startswith("\\") and understood(statement.sql) is None


@dataclass(slots=True)
class _Sayer:
    """Goes through the statements of a text and remembers what its comments have said."""

    label: str
    role: str | None
    claims: str | None
    several: bool
    search_path: str | None = None

    def read(self, statement: Statement) -> Query | None:
        given = dict(self._said(statement))
        self.role = given.get("role", self.role)
        self.claims = given.get("claims", self.claims)
        self.search_path = given.get("search_path", self.search_path)
        name = given.get("name", "").split(" ")[0]
        if not name:
            name = f"{self.label}:{statement.line}" if self.several else self.label
        return query_of(statement.sql, name, self.role, self.claims, self.search_path)

    def _said(self, statement: Statement) -> Iterator[tuple[str, str]]:
        for comment in statement.comments:
            match = _SAYS.fullmatch(comment.text.strip())
            if match is not None:
                yield match[1].lower(), match[2]


def query_of(
    sql: str, name: str, role: str | None = None, claims: str | None = None, search_path: str | None = None
) -> Query | None:
    """One statement as a query with numbered parameters; None when it is no query or cannot be read."""
    found = understood(sql)
    if found is None or found[0].kind not in TRIED:
        return None
    statement, parameters = found
    return Query(name, statement.sql, statement.kind, parameters, role, claims, search_path)


def read_actor(path: Path) -> str:
    """The SELECT of a file that gives named parameters their values; raises UsageError."""
    try:
        return parse_one(read_source(path, path.name, _LIMIT)[1]).sql
    except SqlSyntaxError as error:
        raise UsageError(f"{path} should hold one SELECT: {error.message}") from error
