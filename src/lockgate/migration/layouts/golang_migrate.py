"""golang-migrate: ``<version>_<title>.up.sql`` and ``.down.sql``.

Source: ``source/parse.go`` of golang-migrate/migrate.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from lockgate.migration.layouts.model import Found, Listing, NewFiles, Request, Selector, Source, whole
from lockgate.migration.layouts.place import Entry, Place
from lockgate.migration.layouts.plain import FOLDERS

_NAME: Final = re.compile(r"([0-9]+)_(.*)\.(down|up)\.sql")


class GolangMigrate:
    """The layout of golang-migrate; versions are ordered as numbers."""

    name = "golang-migrate"
    folders = FOLDERS

    def recognises(self, root: Path, folder: Path) -> bool:
        """By one file named ``….up.sql``."""
        return any(_NAME.fullmatch(path.name) for path in folder.glob("*.up.sql"))

    def read(self, place: Place) -> Listing:
        """Every file of the folder."""
        return Listing(paired(place, _NAME), place.problems, place.notices)

    def new(self, request: Request) -> NewFiles:
        """Two files with the next version."""
        return pair(request)


def pair(request: Request) -> NewFiles:
    """The two files of a new migration."""
    stem = f"{request.number}_{request.description}"
    return NewFiles(request.number, request.folder / f"{stem}.up.sql", request.folder / f"{stem}.down.sql")


def paired(
    place: Place, pattern: re.Pattern[str], single: re.Pattern[str] | None = None, select: Selector = whole
) -> list[Found]:
    """Migrations made of two files, whose groups are the version, the title and ``up`` or ``down``.

    ``single`` matches migrations of one file, where the layout allows them.
    """
    ups: list[tuple[Entry, str, str]] = []
    downs: dict[int, Entry] = {}
    for entry in place.scan(place.folder):
        match = pattern.fullmatch(entry.name) or (single.fullmatch(entry.name) if single else None)
        if entry.is_folder or not entry.name.lower().endswith(".sql"):
            continue
        if match is None:
            place.problem(
                entry.path, "the name is not <version>_<title>.up.sql or <version>_<title>.down.sql"
            )
        elif match.re is pattern and match[3] == "down":
            _keep_down(place, downs, int(match[1]), entry)
        else:
            ups.append((entry, match[1], match[2]))
    _report_orphans(place, downs, {int(version) for _, version, _ in ups})
    return [_found(entry, version, title, downs.get(int(version)), select) for entry, version, title in ups]


def _keep_down(place: Place, downs: dict[int, Entry], version: int, entry: Entry) -> None:
    if version in downs:
        place.problem(entry.path, f"a second rollback of {version}, beside {downs[version].name}")
    else:
        downs[version] = entry


def _report_orphans(place: Place, downs: dict[int, Entry], versions: set[int]) -> None:
    for version, entry in downs.items():
        if version not in versions:
            place.notice(entry.path, "a rollback of a version that no migration has")


def _found(entry: Entry, version: str, title: str, down: Entry | None, select: Selector) -> Found:
    stem = entry.name[:-4].removesuffix(".up")
    rollback = Source(down.location, select) if down else None
    return Found(version, title, (int(version),), Source(entry.location, select), stem, rollback)
