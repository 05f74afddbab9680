"""How each directive is written, and how its arguments are read."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable
from typing import Final, Literal

from lockgate.migration.directives.values import (
    Allow,
    Backfill,
    Change,
    Directive,
    Gate,
    Ignore,
    Irreversible,
    NoTransaction,
)
from lockgate.types import Position
from lockgate.values import value


class Malformed(ValueError):  # noqa: N818 - it becomes a SourceError with a place
    """What is wrong with a directive; ``at`` counts characters from the beginning of its arguments."""

    def __init__(self, message: str, at: int = 0) -> None:
        super().__init__(message)
        self.at = at


Maker = Callable[[str, Position, int | None], Directive]


@value(frozen=True, slots=True)
class Spec:
    """One kind of directive: its word, how it is written, what it belongs to, and how its arguments are read."""

    word: str
    usage: str
    scope: Literal["file", "statement"]
    repeatable: bool
    make: Maker


def _no_transaction(arguments: str, position: Position, statement: int | None) -> Directive:
    if arguments:
        raise Malformed("no-transaction takes nothing behind it")
    return NoTransaction(position, statement)


_OPTION: Final = re.compile(r"([a-z_]+)=((?:\"(?:[^\"]|\"\")+\"|[^\s\"])+)")
_COLUMN: Final = re.compile(r"\"((?:[^\"]|\"\")+)\"|((?:[A-Za-z_]|[^\x00-\x7f])[\w$]*)")
_PAUSE: Final = re.compile(r"([0-9]+(?:\.[0-9]+)?)(ms|s|min)")
_PAUSE_UNITS: Final = {"ms": 0.001, "s": 1.0, "min": 60.0}
_FURTHER: Final = {
    "walk": (re.compile(r"keyset|strided|pages"), "keyset, strided or pages"),
    "target": (_PAUSE, "a duration such as 100ms"),
    "rate": (re.compile(r"[1-9][0-9_]{0,11}"), "a whole number of rows a second, above zero"),
    "quiet": (
        re.compile(r"\d{1,2}:\d{2}-\d{1,2}:\d{2}|\"\d{1,2}:\d{2}-\d{1,2}:\d{2}( [\w/+-]+)?\""),
        'a span of hours such as 08:00-18:00 or "22:00-06:00 Europe/Berlin"',
    ),
    "workers": (re.compile(r"[1-9]|[12][0-9]|3[0-2]"), "a number from 1 to 32"),
    "triggers": (re.compile(r"keep|skip"), "keep or skip"),
    "left": (re.compile(r"error|note"), "error or note"),
}
_OPTIONS: Final = ("batch", "pause", "key", *_FURTHER)
_OPTIONS_SHOWN: Final = ", ".join(f"{name}=" for name in _OPTIONS)


def _backfill(arguments: str, position: Position, statement: int | None) -> Directive:
    options: dict[str, tuple[str, int]] = {}
    at = 0
    while at < len(arguments):
        match = _OPTION.match(arguments, at)
        if match is None:
            raise Malformed(
                f"{arguments[at:].split()[0]!r} is not an option; options are {_OPTIONS_SHOWN}", at
            )
        _check_option(match[1], options, at)
        options[match[1]] = (match[2], match.start(2))
        at = match.end() + len(arguments[match.end() :]) - len(arguments[match.end() :].lstrip())
    further = tuple(_further(name, options[name]) for name in _FURTHER if name in options)
    return Backfill(position, statement, _batch(options), _pause(options), _key(options), further)


def _check_option(name: str, seen: dict[str, tuple[str, int]], at: int) -> None:
    if name in seen:
        raise Malformed(f"{name}= stands twice", at)
    if name not in _OPTIONS:
        close = difflib.get_close_matches(name, _OPTIONS, n=1)
        hint = f"did you mean {close[0]}=?" if close else f"options are {_OPTIONS_SHOWN}"
        raise Malformed(f"unknown option {name}=; {hint}", at)


def _batch(options: dict[str, tuple[str, int]]) -> int | None:
    value, at = options.get("batch", ("", 0))
    if not value:
        return None
    plain = value.replace("_", "")
    if not re.fullmatch(r"[0-9]{1,7}", plain) or not 1 <= int(plain) <= 1_000_000:
        raise Malformed(f"batch={value}: a whole number from 1 to 1000000", at)
    return int(plain)


def _pause(options: dict[str, tuple[str, int]]) -> float | None:
    value, at = options.get("pause", ("", 0))
    if not value:
        return None
    match = _PAUSE.fullmatch(value)
    if match is None:
        raise Malformed(f"pause={value}: a duration such as 0.1s, 100ms or 1min", at)
    return float(match[1]) * _PAUSE_UNITS[match[2]]


def _key(options: dict[str, tuple[str, int]]) -> tuple[str, ...]:
    value, at = options.get("key", ("", 0))
    columns = []
    rest = 0
    while rest < len(value):
        match = _COLUMN.match(value, rest)
        end = match.end() if match else rest
        if match is None or value[end : end + 1] not in ("", ",") or value.endswith(","):
            raise Malformed(f'key={value}: column names joined by commas, such as id or "Id",tenant', at)
        columns.append(match[1].replace('""', '"') if match[1] else match[2].lower())
        rest = end + 1
    return tuple(columns)


def _further(name: str, given: tuple[str, int]) -> tuple[str, str]:
    form, wanted = _FURTHER[name]
    value, at = given
    if not form.fullmatch(value):
        raise Malformed(f"{name}={value}: {wanted}", at)
    return name, value.strip('"')


_CHANGE: Final = re.compile(r"(\S+)\s+([0-9]+)/([0-9]+)\s+(\S+)")
_SLUG: Final = re.compile(r"[a-z0-9]+(?:[-_.][a-z0-9]+)*")


def _change(arguments: str, position: Position, statement: int | None) -> Directive:
    match = _CHANGE.fullmatch(arguments)
    if match is None:
        raise Malformed("change takes a name, a phase such as 2/3, and its kind")
    name, number, total, phase = match[1], int(match[2]), int(match[3]), match[4]
    if not _SLUG.fullmatch(name):
        raise Malformed(f"{name!r}: the name of a change is lower case, such as rename-users-name")
    if not 1 <= number <= total:
        raise Malformed(f"{number}/{total}: phases count from 1 to the last", match.start(2))
    if phase not in ("expand", "migrate", "contract"):
        raise Malformed(f"{phase!r}: a phase is expand, migrate or contract", match.start(4))
    return Change(position, statement, name, number, total, phase)  # type: ignore[arg-type]


def _gate(arguments: str, position: Position, statement: int | None) -> Directive:
    match = re.fullmatch(r'"((?:[^"\\]|\\["\\])*)"', arguments)
    text = re.sub(r'\\(["\\])', r"\1", match[1]).strip() if match else ""
    if not text:
        raise Malformed('gate takes a text in double quotes, such as gate "the new application is deployed"')
    return Gate(position, statement, text)


def _irreversible(arguments: str, position: Position, statement: int | None) -> Directive:
    if not _is_reason(arguments):
        raise Malformed("irreversible needs a reason: why can this not be undone?")
    return Irreversible(position, statement, arguments)


_RULES: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*(?:\s*,\s*[a-z0-9]+(?:-[a-z0-9]+)*)*(?=\s|$)")


def _ignore(arguments: str, position: Position, statement: int | None) -> Directive:
    match = _RULES.match(arguments)
    if match is None:
        raise Malformed(
            "ignore takes rules joined by commas, such as drop-column, rename-table, and a reason"
        )
    reason = arguments[match.end() :].strip()
    if not _is_reason(reason):
        raise Malformed(f"ignore needs a reason behind {match.group()}", match.end())
    rules = tuple(dict.fromkeys(re.split(r"\s*,\s*", match.group())))
    return Ignore(position, statement, rules, reason)


_COMMAND: Final = r"(?:select|insert|update|delete|execute)"
_ALLOW: Final = re.compile(
    rf'("[^"]+"|[\w=.-]+)\s+({_COMMAND}(?:\s*,\s*{_COMMAND})*)\s+on\s+([^\s(]+(?:\([^)]*\))?)',
    re.IGNORECASE,
)


def _allow(arguments: str, position: Position, statement: int | None) -> Directive:
    match = _ALLOW.match(arguments)
    if match is None:
        raise Malformed(
            "allow takes somebody, commands, a table or function and a reason, such as anon select on public.posts"
        )
    reason = arguments[match.end() :].strip()
    if not _is_reason(reason):
        raise Malformed(f"allow needs a reason behind {match.group()}", match.end())
    commands = tuple(dict.fromkeys(re.split(r"\s*,\s*", match[2].lower())))
    relation = match[3] if "." in match[3] else f"public.{match[3]}"
    return Allow(position, statement, match[1].strip('"'), commands, relation, reason)


def _is_reason(text: str) -> bool:
    return bool(re.search(r"[^\W_]{2}", text))


SPECS: Final = (
    Spec("no-transaction", "no-transaction", "file", repeatable=False, make=_no_transaction),
    Spec(
        "backfill",
        "backfill [batch=N] [pause=0.1s] [key=id] [OPTION=VALUE …]",
        "statement",
        repeatable=False,
        make=_backfill,
    ),
    Spec("change", "change NAME 2/3 expand|migrate|contract", "file", repeatable=False, make=_change),
    Spec("gate", 'gate "TEXT"', "file", repeatable=True, make=_gate),
    Spec("irreversible", "irreversible REASON", "file", repeatable=False, make=_irreversible),
    Spec(
        "allow", "allow WHO COMMAND[, COMMAND] on TABLE|FUNCTION REASON", "file", repeatable=True, make=_allow
    ),
    Spec("ignore", "ignore RULE[, RULE] REASON", "statement", repeatable=True, make=_ignore),
)
"""Every directive; a new one is one more line."""
