"""Reshapings said in a few words, because no SQL statement means them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_NAME: Final = r"(?:\"(?:[^\"]|\"\")+\"|[\w$]+)"
_TABLE: Final = rf"(?P<table>{_NAME}(?:\.{_NAME})?)"
_LIST: Final = rf"\(\s*(?P<columns>{_NAME}(?:\s*,\s*{_NAME})*)\s*\)"
_OTHER: Final = rf"(?P<other>{_NAME}(?:\.{_NAME})?)"
_USING: Final = r"(?: using (?P<up>.+) back (?P<down>.+))?"

FORMS: Final = (
    (
        "split-table",
        "split TABLE into TABLE, NAME (COLUMN, COLUMN)",
        rf"split {_TABLE} into {_OTHER} ?, ?(?P<new>{_NAME}(?:\.{_NAME})?) ?{_LIST}",
    ),
    (
        "merge-tables",
        "merge TABLE into TABLE",
        rf"merge {_TABLE}(?: ?{_LIST})? into {_OTHER}(?: on (?P<condition>.+))?",
    ),
    (
        "split",
        "split TABLE.COLUMN into NAME TYPE, NAME TYPE using EXPRESSION, EXPRESSION back EXPRESSION",
        rf"split {_TABLE}\.(?P<columns>{_NAME}) into (?P<new>.+?){_USING}",
    ),
    (
        "merge",
        "merge TABLE.(COLUMN, COLUMN) into NAME TYPE using EXPRESSION back EXPRESSION, EXPRESSION",
        rf"merge {_TABLE}\.{_LIST} into (?P<new>.+?){_USING}",
    ),
    (
        "move",
        "move TABLE.COLUMN to TABLE.COLUMN on TABLE.KEY = TABLE.KEY",
        rf"move {_TABLE}\.(?P<columns>{_NAME}) to {_OTHER}\.(?P<new>{_NAME}) on (?P<condition>.+)",
    ),
)
"""What each is called, how it is said, and how it is recognised; without ``using`` one side is JSON or JSONB."""


@dataclass(frozen=True, slots=True)
class Wish:
    """A reshaping as it was said; names and expressions are still text."""

    form: str
    table: str
    columns: tuple[str, ...]
    new: str = ""
    up: str = ""
    down: str = ""
    other: str = ""
    condition: str = ""


def wish_of(text: str) -> Wish | None:
    """The reshaping that some words mean, or None when they mean none."""
    words = " ".join(text.split())
    for form, _, pattern in FORMS:
        match = re.fullmatch(pattern, words, re.IGNORECASE)
        if match is not None:
            found = {key: value or "" for key, value in match.groupdict().items()}
            columns = tuple(unquoted(one) for one in re.findall(_NAME, found.pop("columns")))
            return Wish(form, columns=columns, **found)
    return None


def unquoted(name: str) -> str:
    """A name as the catalog has it."""
    return name[1:-1].replace('""', '"') if name.startswith('"') else name.lower()


def named(text: str) -> tuple[str, str]:
    """Schema (empty when the search path decides) and name of a table as it was written."""
    parts = [unquoted(part) for part in re.findall(_NAME, text)]
    return (parts[-2] if len(parts) > 1 else "", parts[-1])
