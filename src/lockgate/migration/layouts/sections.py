"""Files that hold the way forth and the way back in two parts, divided by comments."""

from __future__ import annotations

import re
from collections.abc import Iterable

from lockgate.migration.layouts.model import Unfit

Span = tuple[int, int]

_VISIBLE = re.compile(r"[^\r\n]")


def keep(text: str, spans: Iterable[Span]) -> str | None:
    """The text with everything outside some spans blanked out; None when there is no span."""
    pieces: list[str] = []
    at = 0
    for start, end in spans:
        pieces += [_VISIBLE.sub(" ", text[at:start]), text[start:end]]
        at = end
    if not pieces:
        return None
    return "".join(pieces) + _VISIBLE.sub(" ", text[at:])


def refuse_sql_before(text: str, end: int, marker: str) -> None:
    """Raise Unfit when there is more than comments before the first marker: nobody would run it."""
    for number, line in enumerate(text[:end].splitlines(), 1):
        if line.strip() and not line.lstrip().startswith("--"):
            raise Unfit(f"there is SQL before '{marker}', in line {number}; it belongs to neither way")


def cut(text: str, markers: re.Pattern[str]) -> list[tuple[re.Match[str], Span]]:
    """Each marker with the span of the text behind it, up to the next marker."""
    found = list(markers.finditer(text))
    ends = [*(match.start() for match in found[1:]), len(text)][: len(found)]
    return [(match, (match.end(), end)) for match, end in zip(found, ends, strict=True)]
