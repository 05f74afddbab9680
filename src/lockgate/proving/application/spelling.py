"""How queries are spelled where they are kept: the parameters of drivers, and what psql and the statistics add.

What comes out is what the server takes: parameters as ``$1``, ``$2`` …, one statement, nothing but SQL.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from lockgate.errors import LockgateError
from lockgate.sql.parse import Statement, deparse, parse_one, walk

_QUOTED: Final = (
    r"(?P<kept>\b[eE]'(?:[^'\\]|\\.|'')*'|'(?:[^']|'')*'|\"[^\"]*\"|--[^\n]*|/\*.*?\*/"
    r"|(?P<tag>\$(?:[A-Za-z_]\w*)?\$).*?(?P=tag))"
)
_PERCENT: Final = re.compile(r"%(?:\((?P<name>\w+)\)[sbt]|(?P<plain>[sbt])(?!\w)|(?P<percent>%))")
_MARKED: Final = re.compile(
    rf":'(?P<quoted>\w+)'|{_QUOTED}|(?P<cast>::)|:(?P<colon>[A-Za-z_]\w*)|[#$]\{{\s*(?P<braced>\w+)[^}}]*\}}"
    r"|(?<![\w@<>!~|&#^%*/+-])@(?P<at>[A-Za-z_]\w*)|(?P<plain>\?)",
    re.DOTALL,
)
_SENDS: Final = re.compile(
    rf"{_QUOTED}|(?P<sends>\\(?:gx?|gset|gexec|gdesc|crosstabview|watch)\b[^\n]*|\\;)", re.DOTALL
)
_TYPED: Final = re.compile(
    r"\b(?:interval|date|time|timestamp|timestamptz|timetz|zone)\s+\$\d", re.IGNORECASE
)
_FIELD: Final = re.compile(r"\bextract\s*\(\s*\$\d+\s+from\b", re.IGNORECASE)
_WRAPPED: Final = ("DeclareCursorStmt", "PrepareStmt", "ExplainStmt")


def without_psql(text: str) -> str:
    r"""A text in which ``\g`` and its like are semicolons; every line stays where it is."""
    return _SENDS.sub(lambda found: found["kept"] or ";", text) if "\\" in text else text


def understood(sql: str) -> tuple[Statement, tuple[str, ...]] | None:
    """One statement with numbered parameters, and the names that they had; None where no spelling can be read."""
    for numbered, parameters in _spellings(sql):
        try:
            statement = _plain(parse_one(numbered))
        except LockgateError:
            continue
        if not _has_stray_mark(statement):
            return statement, parameters
    return None


def _spellings(sql: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The statement with parameters as PostgreSQL takes them; where a spelling is unclear, one after the other."""
    if re.search(r"%(\(\w+\))?[sbt]", sql):
        yield _numbered(sql, _PERCENT)
    marked = _numbered(sql, _MARKED)
    # PostgreSQL would take @name for the absolute value of a column; every driver that knows it means a parameter.
    if any(found["at"] for found in _MARKED.finditer(sql)):
        yield marked
    yield _FIELD.sub("extract(epoch FROM", sql), ()
    yield marked


def _numbered(sql: str, pattern: re.Pattern[str]) -> tuple[str, tuple[str, ...]]:
    names: list[str] = []

    def number(match: re.Match[str]) -> str:
        found = match.groupdict()
        if found.get("percent"):
            return "%"
        if found.get("kept") or found.get("cast"):
            return match[0]
        spelled = (found.get(key) for key in ("name", "quoted", "colon", "braced", "at"))
        name = next(filter(None, spelled), f"#{len(names) + 1}")
        if name not in names:
            names.append(name)
        return f"${names.index(name) + 1}"

    return pattern.sub(number, sql), tuple(names)


def _has_stray_mark(statement: Statement) -> bool:
    """Whether a ``?`` was read as an operator in front of something, as in ``a = ? - 1``."""
    return "?" in statement.sql and any(
        kind == "A_Expr" and "lexpr" not in node and node["name"][-1]["String"]["sval"] == "?"
        for kind, node in walk(statement.tree)
    )


def _plain(statement: Statement) -> Statement:
    """The query itself, where a cursor, EXPLAIN or PREPARE stands around it, and as the server can prepare it."""
    if statement.kind in _WRAPPED:
        return parse_one(deparse(statement.tree["query"]))
    if statement.kind == "CopyStmt" and "filename" in statement.tree:
        # From and to the client the same is read and written, and no file of the server.
        stream = {key: item for key, item in statement.tree.items() if key not in ("filename", "is_program")}
        return parse_one(deparse({"CopyStmt": stream}))
    return parse_one(deparse(statement.node)) if _TYPED.search(statement.sql) else statement
