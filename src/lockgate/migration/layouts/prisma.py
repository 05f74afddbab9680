"""Prisma: one folder for each migration, ``prisma/migrations/<version>_<name>/migration.sql``.

``down.sql`` beside it is the rollback, as Prisma's guide on down migrations names it.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from lockgate.migration.layouts.model import Found, Listing, NewFiles, Request, Source
from lockgate.migration.layouts.place import Entry, Place

_NAME: Final = re.compile(r"([0-9]+)_(.+)")


class Prisma:
    """The layout of Prisma; folders are ordered by name, as Prisma does."""

    name = "prisma"
    folders = ("prisma/migrations", "migrations")

    def recognises(self, root: Path, folder: Path) -> bool:
        """By the lock file or one folder that holds a migration.sql."""
        return (folder / "migration_lock.toml").is_file() or next(
            folder.glob("*/migration.sql"), None
        ) is not None

    def read(self, place: Place) -> Listing:
        """Every folder of the folder."""
        found = [item for entry in place.scan(place.folder) if (item := _read(place, entry))]
        return Listing(found, place.problems, place.notices)

    def new(self, request: Request) -> NewFiles:
        """A folder with migration.sql and down.sql."""
        folder = request.folder / f"{request.stamp}_{request.description}"
        return NewFiles(request.stamp, folder / "migration.sql", folder / "down.sql")


def _read(place: Place, entry: Entry) -> Found | None:
    if not entry.is_folder:
        if entry.name.lower().endswith(".sql"):
            place.problem(entry.path, "a file; Prisma's migrations are folders with a migration.sql")
        return None
    files = {item.name: item.location for item in place.scan(entry.path)}
    if "migration.sql" not in files:
        place.problem(entry.path, "there is no migration.sql in this folder")
        return None
    match = _NAME.fullmatch(entry.name)
    version, name = (match[1], match[2]) if match else (entry.name, entry.name)
    down = Source(files["down.sql"]) if "down.sql" in files else None
    key = (entry.name.partition("_")[0] if match else entry.name,)
    return Found(version, name, key, Source(files["migration.sql"]), entry.name, down)
