"""Directives: what only Lockgate understands in a file, written as ``-- lockgate: …`` comments and read strictly."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, Literal, TypeVar

from lockgate.errors import SourceError
from lockgate.sql.lines import Comment, LineIndex, comments_in
from lockgate.sql.parse import Script, Statement
from lockgate.types import Position

D = TypeVar("D", bound="Directive")

PhaseName = Literal["expand", "migrate", "contract"]


@dataclass(frozen=True, slots=True)
class Directive:
    """One directive; ``statement`` is the index of the statement it belongs to, None when it is the file's."""

    position: Position
    statement: int | None


@dataclass(frozen=True, slots=True)
class NoTransaction(Directive):
    """Run this file's statements one by one."""


@dataclass(frozen=True, slots=True)
class Backfill(Directive):
    """Run the next UPDATE, DELETE or INSERT … SELECT in chunks.

    ``batch`` is the rows of a chunk, ``pause`` the seconds between two chunks, ``key`` the columns to walk along;
    None or empty leaves the choice to the backfill.
    """

    batch: int | None = None
    pause: float | None = None
    key: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Change(Directive):
    """This file is phase ``number`` of ``total`` of the change ``name``."""

    name: str
    number: int
    total: int
    phase: PhaseName


@dataclass(frozen=True, slots=True)
class Gate(Directive):
    """Stop before this file until somebody opens the gate; ``text`` says what must be true first."""

    text: str


@dataclass(frozen=True, slots=True)
class Irreversible(Directive):
    """There is no rollback, and why."""

    reason: str


@dataclass(frozen=True, slots=True)
class Ignore(Directive):
    """Silence rules on one statement, and why."""

    rules: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class Directives:
    """All directives of one file, in order, and the errors of those that cannot be read."""

    all: tuple[Directive, ...] = ()
    errors: tuple[SourceError, ...] = ()

    def of(self, kind: type[D]) -> tuple[D, ...]:
        """The directives of one kind."""
        return tuple(found for found in self.all if isinstance(found, kind))

    def first(self, kind: type[D]) -> D | None:
        """The first directive of a kind, or None."""
        return next(iter(self.of(kind)), None)

    def on(self, statement: int, kind: type[D]) -> tuple[D, ...]:
        """The directives of one kind that belong to one statement."""
        return tuple(found for found in self.of(kind) if found.statement == statement)


class _Malformed(ValueError):  # noqa: N818 - never leaves this module
    """What is wrong with a directive; ``at`` counts characters from the beginning of its arguments."""

    def __init__(self, message: str, at: int = 0) -> None:
        super().__init__(message)
        self.at = at


Maker = Callable[[str, Position, int | None], Directive]


@dataclass(frozen=True, slots=True)
class Spec:
    """One kind of directive: its word, how it is written, what it belongs to, and how its arguments are read."""

    word: str
    usage: str
    scope: Literal["file", "statement"]
    repeatable: bool
    make: Maker


def _no_transaction(arguments: str, position: Position, statement: int | None) -> Directive:
    if arguments:
        raise _Malformed("no-transaction takes nothing behind it")
    return NoTransaction(position, statement)


_OPTION: Final = re.compile(r"([a-z_]+)=((?:\"(?:[^\"]|\"\")+\"|[^\s\"])+)")
_COLUMN: Final = re.compile(r"\"((?:[^\"]|\"\")+)\"|([A-Za-z_\u0080-\uffff][\w$]*)")
_PAUSE: Final = re.compile(r"([0-9]+(?:\.[0-9]+)?)(ms|s|min)")
_PAUSE_UNITS: Final = {"ms": 0.001, "s": 1.0, "min": 60.0}


def _backfill(arguments: str, position: Position, statement: int | None) -> Directive:
    options: dict[str, tuple[str, int]] = {}
    at = 0
    while at < len(arguments):
        match = _OPTION.match(arguments, at)
        if match is None:
            raise _Malformed(
                f"{arguments[at:].split()[0]!r} is not an option; options are batch=, pause= and key=", at
            )
        _check_option(match[1], options, at)
        options[match[1]] = (match[2], match.start(2))
        at = match.end() + len(arguments[match.end() :]) - len(arguments[match.end() :].lstrip())
    return Backfill(position, statement, _batch(options), _pause(options), _key(options))


def _check_option(name: str, seen: dict[str, tuple[str, int]], at: int) -> None:
    known = ("batch", "pause", "key")
    if name in seen:
        raise _Malformed(f"{name}= stands twice", at)
    if name not in known:
        close = difflib.get_close_matches(name, known, n=1)
        hint = f"did you mean {close[0]}=?" if close else "options are batch=, pause= and key="
        raise _Malformed(f"unknown option {name}=; {hint}", at)


def _batch(options: dict[str, tuple[str, int]]) -> int | None:
    value, at = options.get("batch", ("", 0))
    if not value:
        return None
    plain = value.replace("_", "")
    if not re.fullmatch(r"[0-9]{1,7}", plain) or not 1 <= int(plain) <= 1_000_000:
        raise _Malformed(f"batch={value}: a whole number from 1 to 1000000", at)
    return int(plain)


def _pause(options: dict[str, tuple[str, int]]) -> float | None:
    value, at = options.get("pause", ("", 0))
    if not value:
        return None
    match = _PAUSE.fullmatch(value)
    if match is None:
        raise _Malformed(f"pause={value}: a duration such as 0.1s, 100ms or 1min", at)
    return float(match[1]) * _PAUSE_UNITS[match[2]]


def _key(options: dict[str, tuple[str, int]]) -> tuple[str, ...]:
    value, at = options.get("key", ("", 0))
    columns = []
    rest = 0
    while rest < len(value):
        match = _COLUMN.match(value, rest)
        end = match.end() if match else rest
        if match is None or value[end : end + 1] not in ("", ",") or value.endswith(","):
            raise _Malformed(f'key={value}: column names joined by commas, such as id or "Id",tenant', at)
        columns.append(match[1].replace('""', '"') if match[1] else match[2].lower())
        rest = end + 1
    return tuple(columns)


_CHANGE: Final = re.compile(r"(\S+)\s+([0-9]+)/([0-9]+)\s+(\S+)")
_SLUG: Final = re.compile(r"[a-z0-9]+(?:[-_.][a-z0-9]+)*")


def _change(arguments: str, position: Position, statement: int | None) -> Directive:
    match = _CHANGE.fullmatch(arguments)
    if match is None:
        raise _Malformed("change takes a name, a phase such as 2/3, and its kind")
    name, number, total, phase = match[1], int(match[2]), int(match[3]), match[4]
    if not _SLUG.fullmatch(name):
        raise _Malformed(f"{name!r}: the name of a change is lower case, such as rename-users-name")
    if not 1 <= number <= total:
        raise _Malformed(f"{number}/{total}: phases count from 1 to the last", match.start(2))
    if phase not in ("expand", "migrate", "contract"):
        raise _Malformed(f"{phase!r}: a phase is expand, migrate or contract", match.start(4))
    return Change(position, statement, name, number, total, phase)  # type: ignore[arg-type]


def _gate(arguments: str, position: Position, statement: int | None) -> Directive:
    match = re.fullmatch(r'"((?:[^"\\]|\\["\\])*)"', arguments)
    text = re.sub(r'\\(["\\])', r"\1", match[1]).strip() if match else ""
    if not text:
        raise _Malformed('gate takes a text in double quotes, such as gate "the new application is deployed"')
    return Gate(position, statement, text)


def _irreversible(arguments: str, position: Position, statement: int | None) -> Directive:
    if not _is_reason(arguments):
        raise _Malformed("irreversible needs a reason: why can this not be undone?")
    return Irreversible(position, statement, arguments)


_RULES: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*(?:\s*,\s*[a-z0-9]+(?:-[a-z0-9]+)*)*(?=\s|$)")


def _ignore(arguments: str, position: Position, statement: int | None) -> Directive:
    match = _RULES.match(arguments)
    if match is None:
        raise _Malformed(
            "ignore takes rules joined by commas, such as drop-column, rename-table, and a reason"
        )
    reason = arguments[match.end() :].strip()
    if not _is_reason(reason):
        raise _Malformed(f"ignore needs a reason behind {match.group()}", match.end())
    rules = tuple(dict.fromkeys(re.split(r"\s*,\s*", match.group())))
    return Ignore(position, statement, rules, reason)


def _is_reason(text: str) -> bool:
    return bool(re.search(r"[^\W_]{2}", text))


SPECS: Final = (
    Spec("no-transaction", "no-transaction", "file", repeatable=False, make=_no_transaction),
    Spec(
        "backfill", "backfill [batch=N] [pause=0.1s] [key=id]", "statement", repeatable=False, make=_backfill
    ),
    Spec("change", "change NAME 2/3 expand|migrate|contract", "file", repeatable=False, make=_change),
    Spec("gate", 'gate "TEXT"', "file", repeatable=True, make=_gate),
    Spec("irreversible", "irreversible REASON", "file", repeatable=False, make=_irreversible),
    Spec("ignore", "ignore RULE[, RULE] REASON", "statement", repeatable=True, make=_ignore),
)
"""Every directive; a new one is one more line."""

_PREFIX: Final = re.compile(r"lockgate[ \t]*:[ \t]*", re.IGNORECASE)
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
    r"[eE]'(?:[^'\\]|''|\\.)*'|'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|(\$(?:[A-Za-z_\x80-\U0010ffff][\w]*)?\$).*?\1"
    r"|(?P<comment>--[^\n]*|/\*.*?\*/)",
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
        word, _, rest = comment.text[prefix.end() :].partition(" ")
        arguments = rest.strip()
        start = comment.text.index(arguments, prefix.end() + len(word)) if arguments else len(comment.text)
        self._read(comment, statement, word.strip(), prefix.end(), arguments, start)

    def _read(
        self, comment: Comment, statement: Statement | None, word: str, at: int, arguments: str, start: int
    ) -> None:
        spec = next((known for known in SPECS if known.word == word), None)
        if spec is None:
            self._error(comment, at, _unknown(word), _usages())
            return
        owner = statement if spec.scope == "statement" else None
        position = self._position(comment, 0)
        try:
            made = spec.make(arguments, position, owner.index if owner else None)
            _check_place(spec, made, owner, self.found)
        except _Malformed as error:
            self._error(comment, start + error.at, str(error), [f"write -- lockgate: {spec.usage}"])
        else:
            self.found.append(made)

    def _position(self, comment: Comment, at: int) -> Position:
        lead = (
            self._script.text.find(comment.text, comment.start) - comment.start if at or comment.text else 0
        )
        return self._lines.position(comment.start + (lead + at if at else 0))

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


def _check_place(spec: Spec, made: Directive, owner: Statement | None, found: list[Directive]) -> None:
    if spec.scope == "statement" and owner is None:
        raise _Malformed(f"{spec.word} belongs to a statement, but none follows")
    if isinstance(made, Backfill) and owner is not None and not _can_be_chunked(owner):
        raise _Malformed(f"backfill belongs to an UPDATE, DELETE or INSERT … SELECT, not to {_shown(owner)}")
    same = [other for other in found if type(other) is type(made) and other.statement == made.statement]
    if same and not spec.repeatable:
        raise _Malformed(f"{spec.word} stands twice, first in line {same[0].position.line}")


def _can_be_chunked(statement: Statement) -> bool:
    if statement.kind == "InsertStmt":
        select = statement.tree.get("selectStmt", {}).get("SelectStmt", {})
        return bool(select) and "valuesLists" not in select
    return statement.kind in ("UpdateStmt", "DeleteStmt", "Unparsed")


def _shown(statement: Statement) -> str:
    words = statement.sql.split()
    return " ".join(words[:3]) + (" …" if len(words) > 3 else "")
