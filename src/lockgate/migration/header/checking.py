"""Checks a migration's header field by field."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from typing import Final

from lockgate.migration.header.reading import (
    FIELDS,
    LISTS,
    RISKS,
    TYPES,
    Header,
    HeaderFault,
    HeaderFaultKind,
    HeaderField,
    is_placeholder,
    words,
)
from lockgate.migration.names import versions_in
from lockgate.types import Position

_TOP: Final = Position(0, 1, 1)


def check_header(header: Header, version: str, rollback_name: str | None = None) -> tuple[HeaderFault, ...]:
    """Everything wrong with a migration's header, by position.

    ``rollback_name`` is the file name of its rollback, when there is one; the field must name that file.
    """
    if not header.is_present:
        return (HeaderFault("Migration", "missing", "the file has no header", _TOP),)
    faults = [*header.faults]
    for name in FIELDS:
        found = header.fields.get(name)
        if found is None:
            faults.append(HeaderFault(name, "missing", f"{name} is missing", _last_position(header)))
        else:
            faults += _check_field(header, name, found, version, rollback_name)
    return tuple(sorted(faults, key=lambda fault: fault.position))


def _last_position(header: Header) -> Position:
    return min((found.position for found in header.fields.values()), default=_TOP)


def _check_field(
    header: Header, name: str, found: HeaderField, version: str, rollback_name: str | None
) -> list[HeaderFault]:
    if name in LISTS:
        if header.items(name):
            return _check_dependencies(header, found, version) if name == "Dependencies" else []
        kind: HeaderFaultKind = "placeholder" if found.items else "missing"
        return [HeaderFault(name, kind, f"{name} lists nothing of its own", found.position)]
    if not found.value:
        return [HeaderFault(name, "missing", f"{name} is empty", found.position)]
    if is_placeholder(name, found.value):
        return [HeaderFault(name, "placeholder", f"{name} is still the template's", found.position)]
    checked = _check_value(header, name, found.value, version, rollback_name)
    return [HeaderFault(name, checked[0], checked[1], found.position)] if checked else []


def _check_value(
    header: Header, name: str, value: str, version: str, rollback_name: str | None
) -> tuple[HeaderFaultKind, str] | None:
    if name == "Date":
        return _check_date(header.date, value, version)
    if name == "Type":
        wrong = [word for word in words(value) if word.lower() not in TYPES]
        return (
            ("invalid", f"{', '.join(wrong)}: Type is {_any_of(TYPES.values())}, joined by +")
            if wrong
            else None
        )
    if name == "Risk" and header.risk is None:
        return "invalid", f"{value}: Risk is {_any_of(RISKS.values())}"
    if name == "Rollback":
        return _check_rollback(value, version, rollback_name)
    return None


def _any_of(values: Iterable[object]) -> str:
    names = [str(value) for value in values]
    return ", ".join(names[:-1]) + " or " + names[-1]


def _check_date(found: date | None, value: str, version: str) -> tuple[HeaderFaultKind, str] | None:
    if found is None:
        return "invalid", f"{value}: Date is a date, written YYYY-MM-DD"
    digits = found.strftime("%Y%m%d")
    if re.fullmatch(r"[0-9]{14}", version) and not version.startswith(digits):
        return "mismatch", f"Date is {value}, but the file's version is {version}"
    return None


def _check_rollback(
    value: str, version: str, rollback_name: str | None
) -> tuple[HeaderFaultKind, str] | None:
    named = re.findall(r"[^\s/\\]+\.sql\b", value)
    if not named:
        return None
    if rollback_name in named or version in versions_in(named[0]):
        # Either spelling will do: converting names leaves the contents of files alone.
        return None
    if rollback_name:
        return "mismatch", f"Rollback names {named[0]}, but the rollback is {rollback_name}"
    others = versions_in(named[0])
    return ("mismatch", f"Rollback names another version, {others[0]}") if others else None


def _check_dependencies(header: Header, found: HeaderField, version: str) -> list[HeaderFault]:
    wrong = [other for other in header.dependencies if len(version) == len(other) and other >= version]
    return [
        HeaderFault("Dependencies", "mismatch", f"{other} is not earlier than this migration", found.position)
        for other in wrong
    ]
