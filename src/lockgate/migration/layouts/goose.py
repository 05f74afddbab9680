"""goose: one file for both ways, divided by ``-- +goose Up`` and ``-- +goose Down``.

Source: ``internal/sqlparser`` and ``NumericComponent`` of pressly/goose.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from lockgate.migration.layouts.dbmate import first_text
from lockgate.migration.layouts.model import Found, Listing, NewFiles, Request, Section, Source, Unfit
from lockgate.migration.layouts.place import Entry, Place
from lockgate.migration.layouts.sections import cut, keep, refuse_sql_before

_NAME: Final = re.compile(r"([0-9]+)_(.+)\.sql")
_GO: Final = re.compile(r"[0-9]+_.+\.go")
_MARKER: Final = re.compile(r"^--[ \t]*\+goose[ \t]+(up|down)\b[^\r\n]*", re.MULTILINE | re.IGNORECASE)
_NO_TRANSACTION: Final = re.compile(
    r"^--[ \t]*\+goose[ \t]+no[ \t]+transaction\b", re.MULTILINE | re.IGNORECASE
)
_SUBSTITUTE: Final = re.compile(r"^--[ \t]*\+goose[ \t]+envsub[ \t]+on\b", re.MULTILINE | re.IGNORECASE)


class Goose:
    """The layout of goose; versions are ordered as numbers."""

    name = "goose"
    folders = ("migrations", "db/migrations", "sql/schema", "sql/migrations", "internal/database/migrations")

    def recognises(self, root: Path, folder: Path) -> bool:
        """By a marker in one of the first files."""
        return first_text(folder, _NAME, _MARKER)

    def read(self, place: Place) -> Listing:
        """Every file of the folder; migrations written in Go are a problem, because only goose can run them."""
        found = [item for entry in place.scan(place.folder) if (item := _read(place, entry))]
        return Listing(found, place.problems, place.notices)

    def new(self, request: Request) -> NewFiles:
        """One file for both ways."""
        path = request.folder / f"{request.number}_{request.description}.sql"
        return NewFiles(request.number, path, None, ("-- +goose Up", "-- +goose Down"))


def _read(place: Place, entry: Entry) -> Found | None:
    if _GO.fullmatch(entry.name) and not entry.name.endswith("_test.go"):
        place.problem(
            entry.path,
            "a migration in Go; Lockgate runs SQL only",
            steps=[
                "rewrite it in SQL",
                f'or pass it over: ignore = ["{entry.name}"] in [project] of lockgate.toml',
            ],
        )
    if entry.is_folder or not entry.name.lower().endswith(".sql"):
        return None
    match = _NAME.fullmatch(entry.name)
    if match is None or int(match[1]) == 0:
        place.problem(entry.path, "the name is not <version>_<name>.sql with a version from 1 on")
        return None
    return Found(
        match[1],
        match[2],
        (int(match[1]),),
        Source(entry.location, up),
        entry.name[:-4],
        Source(entry.location, down),
    )


def up(text: str) -> Section:
    """The way forth; raises Unfit when the file has none, or has goose put environment variables into it."""
    if _SUBSTITUTE.search(text):
        raise Unfit("'-- +goose ENVSUB ON' makes the SQL depend on the machine; Lockgate does not substitute")
    section = _part(text, "up")
    first = _MARKER.search(text)
    if first is None or section.text is None:
        raise Unfit("there is no line '-- +goose Up'")
    refuse_sql_before(text, first.start(), "-- +goose Up")
    return section


def down(text: str) -> Section:
    """The way back, if the file has one."""
    section = _part(text, "down")
    return section if section.text and section.text.strip() else Section(None)


def _part(text: str, way: str) -> Section:
    spans = [span for marker, span in cut(text, _MARKER) if marker[1].lower() == way]
    return Section(keep(text, spans), bool(_NO_TRANSACTION.search(text)))
