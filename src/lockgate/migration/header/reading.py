"""Reads the header at the top of a file.

A header is the comment block at the top of a file. Its fields are ``Key: value``; ``Changes``, ``Dependencies``,
``Testing`` and ``Steps to rollback`` are followed by a list.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import field
from datetime import date
from typing import Final, Literal

from lockgate.migration.names import versions_in
from lockgate.types import MigrationType, Position, Risk
from lockgate.values import value

FIELDS: Final = (
    "Migration",
    "Date",
    "Author",
    "Type",
    "Risk",
    "Rollback",
    "Changes",
    "Dependencies",
    "Testing",
)
"""The fields of a migration's header, in the template's order."""

ROLLBACK_FIELDS: Final = ("Rollback", "Date", "Rollback for", "Steps to rollback")
"""The fields of a rollback's header, in the template's order."""

LISTS: Final = frozenset({"Changes", "Dependencies", "Testing", "Steps to rollback"})
_BY_LOWER: Final = {name.lower(): name for name in (*FIELDS, *ROLLBACK_FIELDS)}

_LINE: Final = re.compile(r"[ \t]*--([^\n]*)\n?|[ \t]*\r?\n")
_ENTRY: Final = re.compile(r"([A-Za-z][A-Za-z -]{2,30}?)[ \t]*:(?=\s|$)[ \t]*(.*)")
_BULLET: Final = re.compile(r"(?:[-*•]|[0-9]+[.)])[ \t]+")
_RULE: Final = re.compile(r"[=\-*#_~ \t]*")


@value(frozen=True, slots=True)
class HeaderField:
    """One field: its value or the items of its list, and where its key begins."""

    value: str
    items: tuple[str, ...]
    position: Position


HeaderFaultKind = Literal["missing", "placeholder", "invalid", "mismatch", "unknown", "duplicate"]


@value(frozen=True, slots=True)
class HeaderFault:
    """Something wrong with a header; ``field`` is the template's spelling of the key."""

    field: str
    kind: HeaderFaultKind
    message: str
    position: Position


@value(frozen=True, slots=True)
class Header:
    """The header of a migration or of a rollback; all fields may be absent.

    ``faults`` holds what reading alone can tell (unknown and repeated keys); :func:`check_header` tells the rest.
    """

    fields: Mapping[str, HeaderField] = field(default_factory=dict)
    faults: tuple[HeaderFault, ...] = ()

    @property
    def is_present(self) -> bool:
        """Whether the file has a header at all."""
        return bool(self.fields)

    def text(self, name: str) -> str | None:
        """The value of a field, or None when it is absent, empty or still the template's."""
        found = self.fields.get(name)
        return found.value if found and found.value and not is_placeholder(name, found.value) else None

    def items(self, name: str) -> tuple[str, ...]:
        """The items of a list field without those of the template."""
        found = self.fields.get(name)
        return tuple(item for item in found.items if not is_placeholder(name, item)) if found else ()

    @property
    def title(self) -> str | None:
        """The description in words."""
        return self.text("Migration")

    @property
    def date(self) -> date | None:
        """The date, or None when it is absent or no date."""
        return _date(self.text("Date"))

    @property
    def author(self) -> str | None:
        """Who wrote the migration."""
        return self.text("Author")

    @property
    def types(self) -> tuple[MigrationType, ...]:
        """The declared types; what is not one is left out (and is a fault)."""
        return tuple(kind for word in words(self.text("Type")) if (kind := TYPES.get(word.lower())))

    @property
    def risk(self) -> Risk | None:
        """The declared risk, or None when it is absent or none of the three."""
        return RISKS.get((self.text("Risk") or "").lower())

    @property
    def rollback(self) -> str | None:
        """What the header says about the rollback, usually its path."""
        return self.text("Rollback")

    @property
    def changes(self) -> tuple[str, ...]:
        """The listed changes."""
        return self.items("Changes")

    @property
    def dependencies(self) -> tuple[str, ...]:
        """The versions of 14 digits that the header names as dependencies."""
        return tuple(version for item in self.items("Dependencies") for version in versions_in(item))

    @property
    def testing(self) -> tuple[str, ...]:
        """The listed tests."""
        return self.items("Testing")


TYPES: Final = {kind.value.lower(): kind for kind in MigrationType}
RISKS: Final = {risk.value.lower(): risk for risk in Risk}

_PLACEHOLDERS: Final[Mapping[str, frozenset[str]]] = {
    "Migration": frozenset({"[description]"}),
    "Date": frozenset({"yyyy-mm-dd"}),
    "Author": frozenset({"your name"}),
    "Type": frozenset({"[schema/data/rls/function]"}),
    "Risk": frozenset({"[low/medium/high]"}),
    "Rollback": frozenset({"see rollbacks/yyyymmdd_hhmmss_rollback.sql", "[original migration description]"}),
    "Rollback for": frozenset({"migrations/yyyymmdd_hhmmss_migration_name.sql"}),
    "Changes": frozenset({"list all changes", "be specific"}),
    "Dependencies": frozenset({"previous migrations required", "application version compatibility"}),
    "Testing": frozenset({"test scenarios covered", "edge cases verified"}),
}


def is_placeholder(name: str, value: str) -> bool:
    """Whether a value is still what the guide's template says, or a ``TODO``."""
    plain = value.strip().lower()
    return plain in _PLACEHOLDERS.get(name, ()) or plain.startswith(("todo", "[todo"))


def parse_header(text: str) -> Header:
    """Read the header at the top of a text; the first line that is no comment ends it."""
    reader = _Reader()
    offset = line = 0
    while match := _LINE.match(text, offset):
        line += 1
        if match[1] is not None:
            reader.take(match[1].rstrip("\r"), match.start(1), line, match.start(1) - match.start() + 1)
        if match.end() == offset:
            break
        offset = match.end()
    return reader.header()


class _Reader:
    """Collects fields line by line; a blank comment line or a rule ends a field."""

    def __init__(self) -> None:
        self._fields: dict[str, HeaderField] = {}
        self._faults: list[HeaderFault] = []
        self._current: str | None = None

    def header(self) -> Header:
        return Header(self._fields, tuple(self._faults)) if self._is_header() else Header()

    def _is_header(self) -> bool:
        """One stray ``Note: …`` at the top is a comment; a header has its title or at least two known fields."""
        return len(self._fields) > 1 or bool({"Migration", "Rollback for"} & set(self._fields))

    def take(self, comment: str, offset: int, line: int, column: int) -> None:
        body = comment.strip()
        if body.lower().startswith("lockgate:"):
            return
        if _RULE.fullmatch(body):
            self._current = self._current if not body else None
            return
        bullet = _BULLET.match(body)
        entry = _ENTRY.fullmatch(body) if not bullet else None
        lead = len(comment) - len(comment.lstrip())
        if entry:
            self._begin(entry, Position(offset + lead, line, column + lead))
        elif self._current:
            self._continue(body[bullet.end() :] if bullet else body, is_item=bullet is not None)

    def _begin(self, entry: re.Match[str], position: Position) -> None:
        name = _BY_LOWER.get(entry[1].lower())
        if name is None:
            self._unknown(entry[1], position)
            return
        if name in self._fields:
            self._faults.append(HeaderFault(name, "duplicate", f"{name} stands twice", position))
            return
        value = entry[2].strip()
        self._current = name
        self._fields[name] = HeaderField(value, (value,) if value and name in LISTS else (), position)

    def _unknown(self, key: str, position: Position) -> None:
        close = difflib.get_close_matches(key.lower(), _BY_LOWER, n=1, cutoff=0.8)
        if close:
            name = _BY_LOWER[close[0]]
            self._faults.append(
                HeaderFault(name, "unknown", f"unknown field {key!r}; did you mean {name}?", position)
            )
        self._current = None

    def _continue(self, text: str, *, is_item: bool) -> None:
        assert self._current is not None
        found = self._fields[self._current]
        if is_item and self._current in LISTS:
            items = (*found.items, text)
        elif found.items:
            items = (*found.items[:-1], f"{found.items[-1]} {text}")
        else:
            items = (text,) if self._current in LISTS else ()
        value = found.value if self._current in LISTS else f"{found.value} {text}".strip()
        self._fields[self._current] = HeaderField(value, items, found.position)


def words(value: str | None) -> list[str]:
    """The parts of a value such as ``Schema + RLS``."""
    return [word.strip() for word in re.split(r"[+,/&]", value or "") if word.strip()]


def _date(value: str | None) -> date | None:
    try:
        return date.fromisoformat(value) if value and re.fullmatch(r"\d{4}-\d{2}-\d{2}", value) else None
    except ValueError:
        return None
