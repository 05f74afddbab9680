"""A file that stands alone and holds both ways: its own marks say which part is the way forth."""

from __future__ import annotations

import re
from typing import Final

from lockgate.migration.layouts import dbmate, goose
from lockgate.migration.layouts.model import Section
from lockgate.migration.layouts.sections import cut, keep

# sql-migrate and rambler, which have no layout of their own here.
_OTHERS: Final = re.compile(
    r"^--[ \t]*(?:\+migrate|rambler)[ \t]+(up|down)\b([^\r\n]*)", re.MULTILINE | re.IGNORECASE
)
_MIGRATE: Final = re.compile(r"^--[ \t]*(?:\+goose[ \t]+up\b|migrate:up\b)", re.MULTILINE | re.IGNORECASE)


def forth(text: str) -> Section:
    """The way forth where marks divide the text, the whole of it elsewhere; raises Unfit."""
    if "--" not in text:
        return Section(text)
    mark = _MIGRATE.search(text)
    if mark is not None:
        return goose.up(text) if "+" in mark.group() else dbmate.up(text)
    parts = [(found, span) for found, span in cut(text, _OTHERS) if found[1].lower() == "up"]
    if not parts:
        return Section(text)
    return Section(keep(text, [span for _, span in parts]), "notransaction" in parts[0][0][2].lower())
