"""Finds the directives in a script's comments and gives each to the statement or the file it belongs to."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from typing import Final

from lockgate.errors import SourceError
from lockgate.migration.directives.forms import SPECS, Malformed, Spec
from lockgate.migration.directives.values import Backfill, Directive, Directives
from lockgate.sql.lines import Comment, LineIndex, comments_in
from lockgate.sql.parse import Script, Statement
from lockgate.types import Position

_PREFIX: Final = re.compile(r"lockgate[ \t]*:[ \t]*", re.IGNORECASE)
_WORDS: Final = re.compile(r"(\S*)[ \t]*(.*)", re.DOTALL)
_FORGOTTEN_COLON: Final = re.compile(
    rf"lockgate[ \t]+({'|'.join(spec.word for spec in SPECS)})\b", re.IGNORECASE
)


def parse_directives(script: Script, path: str) -> Directives:
    """Read every directive of a script; one that cannot be read becomes an error with its place and what is allowed."""
    if "lockgate" not in script.text.lower():
        return Directives()
    reader = _Reader(script, path)
    for comment, statement in _placed(script):
        reader.take(comment, statement)
    return Directives(tuple(reader.found), tuple(reader.errors))


def _placed(script: Script) -> Iterator[tuple[Comment, Statement | None]]:
    """Each comment with the statement it belongs to: the next one, or the one in or behind which it stands."""
    owners = {comment.start: item for item in script.statements for comment in item.comments}
    placed: list[tuple[Comment, Statement | None]] = [
        (comment, owners.get(comment.start)) for comment in script.comments
    ]
    for statement in script.statements:
        if "lockgate" in statement.sql.lower():
            placed += [(comment, statement) for comment in _inside(script.text, statement)]
    return iter(sorted(placed, key=lambda pair: pair[0].start))


_SKIPPED: Final = re.compile(
    r"[eE]'(?:[^'\\]|''|\\.)*'|'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|(\$(?:(?:[A-Za-z_]|[^\x00-\x7f])\w*)?\$).*?\1"
    r"|(?P<comment>--[^\n]*|/\*.*?(?:\*/|\Z))",
    re.DOTALL,
)


def _inside(text: str, statement: Statement) -> Iterator[Comment]:
    """The comments between the words of one statement, but not those in strings and function bodies."""
    for match in _SKIPPED.finditer(text, statement.start.offset, statement.end.offset):
        if match["comment"]:
            yield from comments_in(text, match.start("comment"), match.end("comment"))


class _Reader:
    def __init__(self, script: Script, path: str) -> None:
        self._script = script
        self._path = path
        self._lines = LineIndex(script.text)
        self.found: list[Directive] = []
        self.errors: list[SourceError] = []

    def take(self, comment: Comment, statement: Statement | None) -> None:
        prefix = _PREFIX.match(comment.text)
        forgotten = _FORGOTTEN_COLON.match(comment.text)
        if forgotten:
            self._error(comment, 0, f"a directive has a colon: lockgate: {forgotten[1].lower()}")
        if prefix is None:
            return
        if not comment.is_line:
            self._error(comment, 0, "a directive is a line comment: -- lockgate: …")
            return
        match = _WORDS.match(comment.text, prefix.end())
        assert match is not None
        self._read(comment, statement, match)

    def _read(self, comment: Comment, statement: Statement | None, words: re.Match[str]) -> None:
        spec = next((known for known in SPECS if known.word == words[1]), None)
        if spec is None:
            self._error(comment, words.start(1), _unknown(words[1]), _usages())
            return
        owner = statement if spec.scope == "statement" else None
        try:
            made = spec.make(words[2], self._position(comment, 0), owner.index if owner else None)
        except Malformed as error:
            self._error(comment, words.start(2) + error.at, str(error), [f"write -- lockgate: {spec.usage}"])
            return
        misplaced = _misplaced(spec, made, owner, self.found)
        if misplaced:
            self._error(comment, words.start(1), misplaced)
        else:
            self.found.append(made)

    def _position(self, comment: Comment, at: int) -> Position:
        """The place of the comment, or of a character of its text."""
        begin = self._script.text.index(comment.text, comment.start) + at if at else comment.start
        return self._lines.position(begin)

    def _error(self, comment: Comment, at: int, message: str, steps: list[str] | None = None) -> None:
        position = self._position(comment, at)
        self.errors.append(
            SourceError(
                message, path=self._path, line=position.line, column=position.column, next_steps=steps or []
            )
        )


def _unknown(word: str) -> str:
    words = [spec.word for spec in SPECS]
    close = difflib.get_close_matches(word.lower(), words, n=1)
    hint = f"did you mean {close[0]}?" if close else f"known: {', '.join(words)}"
    return f"unknown directive {word!r}; {hint}" if word else f"an empty directive; {hint}"


def _usages() -> list[str]:
    return [f"-- lockgate: {spec.usage}" for spec in SPECS]


def _misplaced(spec: Spec, made: Directive, owner: Statement | None, found: list[Directive]) -> str | None:
    if spec.scope == "statement" and owner is None:
        return f"{spec.word} belongs to a statement, but none follows"
    if isinstance(made, Backfill) and owner is not None and not _can_be_chunked(owner):
        return f"backfill belongs to an UPDATE, DELETE or INSERT … SELECT, not to {_shown(owner)}"
    same = [other for other in found if type(other) is type(made) and other.statement == made.statement]
    if same and not spec.repeatable:
        return f"{spec.word} stands twice, first in line {same[0].position.line}"
    return None


def _can_be_chunked(statement: Statement) -> bool:
    if statement.kind == "InsertStmt":
        select = statement.tree.get("selectStmt", {}).get("SelectStmt", {})
        return bool(select) and "valuesLists" not in select
    return statement.kind in ("UpdateStmt", "DeleteStmt", "Unparsed")


def _shown(statement: Statement) -> str:
    words = statement.sql.split()
    return " ".join(words[:3]) + (" …" if len(words) > 3 else "")
