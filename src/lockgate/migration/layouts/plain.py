"""Plain numbered files: ``<digits>_<name>.sql``, rollbacks in a sibling folder under the same file name."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from lockgate.migration.layouts.model import Found, Listing, NewFiles, Request, Section, Source, Unfit
from lockgate.migration.layouts.place import Entry, Place
from lockgate.migration.layouts.supabase import misplaced_noun, stamped
from lockgate.migration.names import parse_name

_BOTH_WAYS: Final = re.compile(
    r"^--[ \t]*(?:migrate:(?:up|down)|\+goose[ \t]+(?:up|down))\b", re.MULTILINE | re.IGNORECASE
)

FOLDERS: Final = ("migrations", "db/migrations", "sql/migrations", "database/migrations", "sql", "db/migrate")


class Plain:
    """The layout of a project that follows no other tool; versions are ordered as numbers."""

    name = "plain"
    folders = FOLDERS

    def recognises(self, root: Path, folder: Path) -> bool:
        """By one file whose name begins with digits."""
        return any(re.fullmatch(r"[0-9]+_.+\.sql", path.name) for path in folder.glob("*.sql"))

    def read(self, place: Place) -> Listing:
        """Every file of the folder; ``*.down.sql`` beside its migration is its rollback."""
        entries = [item for item in place.scan(place.folder) if item.name.lower().endswith(".sql")]
        downs = {
            entry.name.removesuffix(".down.sql"): entry
            for entry in entries
            if entry.name.endswith(".down.sql")
        }
        found = [item for entry in entries if (item := _read(place, entry, downs))]
        for stem, entry in downs.items():
            if stem not in {item.stem for item in found}:
                place.notice(entry.path, "a rollback of a version that no migration has")
        return Listing(found, place.problems, place.notices)

    def new(self, request: Request) -> NewFiles:
        """A file with the next version, and a rollback under the same name, or with the same time stamp."""
        if request.number == request.stamp:
            return stamped(request)
        name = f"{request.number}_{request.description}.sql"
        return NewFiles(request.number, request.folder / name, request.rollbacks / name)


def _read(place: Place, entry: Entry, downs: dict[str, Entry]) -> Found | None:
    name = parse_name(entry.name)
    if entry.name.endswith(".down.sql"):
        return None
    if entry.is_folder:
        place.problem(entry.path, "a folder, not a file")
        return None
    if name is None or not entry.name.endswith(".sql"):
        place.problem(entry.path, "the name is not <digits>_<description>.sql, such as 0001_create_users.sql")
        return None
    noun = misplaced_noun(name.description)
    if noun:
        folder = place.rollbacks if noun == "rollback" else place.verify
        place.problem(
            entry.path,
            f"a {noun} file among the migrations",
            steps=[
                f"mkdir -p {place.label(folder)} && git mv {place.label(entry.path)} {place.label(folder)}/"
            ],
        )
        return None
    stem = entry.name[:-4].removesuffix(".up")
    down = downs.get(stem)
    rollback = Source(down.location) if down else None
    description = name.description.removesuffix(".up")
    return Found(
        name.version, description, (int(name.version),), Source(entry.location, one_way), stem, rollback
    )


def one_way(text: str) -> Section:
    """The whole file; raises Unfit when another tool's markers say that it holds the way back, too."""
    match = _BOTH_WAYS.search(text)
    if match:
        name = "goose" if "goose" in match.group().lower() else "dbmate"
        raise Unfit(
            f'the file holds both ways, as {name} writes them; write layout = "{name}" into lockgate.toml'
        )
    return Section(text)
