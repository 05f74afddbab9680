"""sqlx: ``<version>_<description>.sql``, or ``.up.sql`` with ``.down.sql``.

Source: ``sqlx-core/src/migrate/source.rs`` of transact-rs/sqlx. A file whose text begins with ``-- no-transaction``
runs without one.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from lockgate.migration.layouts.golang_migrate import pair, paired
from lockgate.migration.layouts.model import Listing, NewFiles, Request, Section
from lockgate.migration.layouts.place import Place

_PAIR: Final = re.compile(r"([0-9]+)_(.*)\.(down|up)\.sql")
_SINGLE: Final = re.compile(r"([0-9]+)_(.+)\.sql")


class Sqlx:
    """The layout of sqlx; versions are ordered as numbers."""

    name = "sqlx"
    folders = ("migrations",)

    def recognises(self, root: Path, folder: Path) -> bool:
        """By a file of sqlx beside it, or by a Rust project that uses sqlx."""
        if not any(_SINGLE.fullmatch(path.name) for path in folder.glob("*.sql")):
            return False
        marks = (folder.parent / ".sqlx", folder.parent / "sqlx.toml")
        return any(mark.exists() for mark in marks) or _uses_sqlx(folder.parent / "Cargo.toml")

    def read(self, place: Place) -> Listing:
        """Every file of the folder."""
        return Listing(paired(place, _PAIR, _SINGLE, select), place.problems, place.notices)

    def new(self, request: Request) -> NewFiles:
        """Two files, or, because sqlx does not mix the two kinds, one where all others are single."""
        names = [path.name for path in request.folder.glob("*.sql")]
        if not names or any(name.endswith(".up.sql") for name in names):
            return pair(request)
        name = f"{request.number}_{request.description}.sql"
        return NewFiles(request.number, request.folder / name, request.rollbacks / name)


def _uses_sqlx(manifest: Path) -> bool:
    try:
        return bool(re.search(r"^\s*\"?sqlx\b", manifest.read_text("utf-8", "replace"), re.MULTILINE))
    except OSError:
        return False


def select(text: str) -> Section:
    """The whole file, and whether its first words ask for no transaction."""
    return Section(text, no_transaction=text.startswith("-- no-transaction"))
