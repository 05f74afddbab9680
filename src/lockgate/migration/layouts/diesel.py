"""Diesel: one folder for each migration, ``<version>_<name>/up.sql`` and ``down.sql``.

Source: ``diesel_migrations/migrations_internals`` of diesel-rs/diesel: the version is the folder's name up to the first
underscore, without its hyphens.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from lockgate.migration.layouts.model import Found, Listing, NewFiles, Request, Source
from lockgate.migration.layouts.place import Entry, Place

_NO_TRANSACTION: Final = re.compile(r"^\s*run_in_transaction\s*=\s*false\b", re.MULTILINE)


class Diesel:
    """The layout of Diesel; versions are ordered as text."""

    name = "diesel"
    folders = ("migrations", "db/migrations")

    def recognises(self, root: Path, folder: Path) -> bool:
        """By one folder that holds an up.sql."""
        return next(folder.glob("*/up.sql"), None) is not None

    def read(self, place: Place) -> Listing:
        """Every folder of the folder."""
        found = [item for entry in place.scan(place.folder) if (item := _read(place, entry))]
        return Listing(found, place.problems, place.notices)

    def new(self, request: Request) -> NewFiles:
        """A folder named as Diesel names it, with up.sql and down.sql."""
        stamp = request.stamp
        day = f"{stamp[:4]}-{stamp[4:6]}-{stamp[6:8]}-{stamp[8:]}"
        folder = request.folder / f"{day}_{request.description}"
        return NewFiles(stamp, folder / "up.sql", folder / "down.sql")


def _read(place: Place, entry: Entry) -> Found | None:
    if not entry.is_folder:
        if entry.name.lower().endswith(".sql"):
            place.problem(entry.path, "a file; Diesel's migrations are folders with an up.sql")
        return None
    files = {item.name: item.location for item in place.scan(entry.path)}
    version, _, name = entry.name.partition("_")
    if "up.sql" not in files or not version.replace("-", "").isdigit():
        place.problem(entry.path, "not <version>_<name>/ with an up.sql in it")
        return None
    digits = version.replace("-", "")
    down = Source(files["down.sql"]) if "down.sql" in files else None
    return Found(
        digits,
        name,
        (digits,),
        Source(files["up.sql"]),
        entry.name,
        down,
        None,
        "metadata.toml" in files and _is_without_transaction(Path(files["metadata.toml"])),
    )


def _is_without_transaction(metadata: Path) -> bool:
    try:
        return bool(_NO_TRANSACTION.search(metadata.read_text("utf-8", "replace")))
    except OSError:
        return False
