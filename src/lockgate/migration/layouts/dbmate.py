"""dbmate: one file for both ways, divided by ``-- migrate:up`` and ``-- migrate:down``.

Source: ``pkg/dbmate/migration.go`` and ``parsing.go`` of amacneil/dbmate.
"""

from __future__ import annotations

import heapq
import re
from pathlib import Path
from typing import Final

from lockgate.migration.layouts.model import Found, Listing, NewFiles, Request, Section, Source, Unfit
from lockgate.migration.layouts.place import Entry, Place
from lockgate.migration.layouts.sections import cut, keep, refuse_sql_before

_NAME: Final = re.compile(r"([0-9]+)(.*)\.sql")
_MARKER: Final = re.compile(r"^--[ \t]*migrate:(up|down)\b([^\r\n]*)", re.MULTILINE)


class Dbmate:
    """The layout of dbmate; versions are ordered as text, as dbmate does."""

    name = "dbmate"
    folders = ("db/migrations", "migrations")

    def recognises(self, root: Path, folder: Path) -> bool:
        """By a marker in one of the first files."""
        return first_text(folder, _NAME, _MARKER)

    def read(self, place: Place) -> Listing:
        """Every file of the folder."""
        found = [item for entry in place.scan(place.folder) if (item := _read(place, entry))]
        return Listing(found, place.problems, place.notices)

    def new(self, request: Request) -> NewFiles:
        """One file for both ways."""
        path = request.folder / f"{request.number}_{request.description}.sql"
        return NewFiles(request.number, path, None, ("-- migrate:up", "-- migrate:down"))


def first_text(folder: Path, name: re.Pattern[str], marker: re.Pattern[str]) -> bool:
    """Whether one of the first migrations of a folder holds a marker; files that cannot be read hold none."""
    paths = heapq.nsmallest(5, (item for item in folder.glob("*.sql") if name.fullmatch(item.name)))
    # A pipe among them would hold us up until somebody writes into it.
    return any(path.is_file() and _holds(path, marker) for path in paths)


def _holds(path: Path, marker: re.Pattern[str]) -> bool:
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            return bool(marker.search(file.read(65536)))
    except OSError:
        return False


def _read(place: Place, entry: Entry) -> Found | None:
    if entry.is_folder or not entry.name.lower().endswith(".sql"):
        return None
    match = _NAME.fullmatch(entry.name)
    if match is None:
        place.problem(entry.path, "the name does not begin with a version; dbmate passes it over")
        return None
    return Found(
        match[1],
        match[2].lstrip("_"),
        (match[1],),
        Source(entry.location, up),
        entry.name[:-4],
        Source(entry.location, down),
    )


def up(text: str) -> Section:
    """The way forth; raises Unfit when the file has none."""
    section = _part(text, "up")
    first = _MARKER.search(text)
    if first is None or section.text is None:
        raise Unfit("there is no line '-- migrate:up'")
    refuse_sql_before(text, first.start(), "-- migrate:up")
    return section


def down(text: str) -> Section:
    """The way back, if the file has one."""
    return _part(text, "down")


def _part(text: str, way: str) -> Section:
    parts = [(marker, span) for marker, span in cut(text, _MARKER) if marker[1] == way]
    kept = keep(text, [span for _, span in parts])
    has_sql = kept is not None and (way == "up" or bool(kept.strip()))
    return Section(kept if has_sql else None, any("transaction:false" in marker[2] for marker, _ in parts))
