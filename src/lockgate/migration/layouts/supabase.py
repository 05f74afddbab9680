"""The Supabase CLI's folder: ``supabase/migrations/<version>_<name>.sql``, in either spelling.

Versions are ordered as text, which is how the CLI orders the remote history.
"""

from __future__ import annotations

import os
from pathlib import Path

from lockgate.migration.layouts.model import Found, Listing, NewFiles, Request, Source
from lockgate.migration.layouts.place import Entry, Place
from lockgate.migration.names import Name, cli_version, file_name, parse_name, spell


class Supabase:
    """The layout of a Supabase project."""

    name = "supabase"
    folders = ("supabase/migrations",)

    def recognises(self, root: Path, folder: Path) -> bool:
        """By the folder's name alone."""
        return folder == root / "supabase" / "migrations"

    def read(self, place: Place) -> Listing:
        """Every file of the folder; folders below it are passed over, as the CLI does."""
        found = [item for entry in place.scan(place.folder) if (item := _read(place, entry))]
        for version, items in same_day_collisions(found).items():
            place.notice(
                items[1].source.path,
                f"the Supabase CLI takes {len(items)} files for version {version} and fails on the second; "
                "lockgate names convert --to supabase tells them apart",
            )
        return Listing(found, place.problems, place.notices)

    def new(self, request: Request) -> NewFiles:
        """A file in the project's spelling, and a rollback with the same time stamp."""
        return stamped(request)


def _read(place: Place, entry: Entry) -> Found | None:
    if not entry.name.lower().endswith(".sql"):
        return None
    if entry.is_folder:
        place.problem(entry.path, "a folder, not a file; the Supabase CLI passes it over")
        return None
    name = parse_name(entry.name)
    if name is None or not entry.name.endswith(".sql"):
        place.problem(entry.path, *_unreadable(entry.name))
        return None
    if misplaced_noun(name.description):
        _misplaced(place, entry, name)
        return None
    _remark(place, entry, name)
    return Found(name.version, name.description, (name.version,), Source(entry.location), entry.name[:-4])


def stamped(request: Request) -> NewFiles:
    """The files of a new migration whose version is a time stamp."""
    name = file_name(request.stamp, request.description, request.spelling)
    rollback = f"{spell(request.stamp, request.spelling)}_rollback.sql"
    return NewFiles(request.stamp, request.folder / name, request.rollbacks / rollback)


def misplaced_noun(description: str) -> str | None:
    """What a file in the migrations folder really is, by its description: a rollback, a verify file, or None."""
    if description == "rollback" or description.endswith(".down"):
        return "rollback"
    return "verify" if description == "verify" or description.endswith(".verify") else None


def _misplaced(place: Place, entry: Entry, name: Name) -> None:
    noun = misplaced_noun(name.description)
    folder = place.rollbacks if noun == "rollback" else place.verify
    place.problem(
        entry.path,
        f"a {noun} file among the migrations",
        why=f"the Supabase CLI would apply it as migration {cli_version(entry.name)}",
        steps=[f"mkdir -p {place.label(folder)} && git mv {place.label(entry.path)} {place.label(folder)}/"],
    )


def _unreadable(name: str) -> tuple[str]:
    version = cli_version(name)
    fate = f"would apply it as version {version}" if version else "would skip it"
    return (
        f"the name is not <version>_<description>.sql, such as 20251201_140000_add_x.sql; the Supabase CLI {fate}",
    )


def _remark(place: Place, entry: Entry, name: Name) -> None:
    if cli_version(entry.name) is None:
        place.notice(
            entry.path, "the Supabase CLI skips an _init file of before 2021-12-09; Lockgate applies it"
        )
    elif name.spelling is None:
        place.notice(entry.path, f"the version {name.version} is not a time stamp of 14 digits")


def same_day_collisions(found: list[Found]) -> dict[str, list[Found]]:
    """Files that the Supabase CLI takes for one version although theirs differ, by the CLI's version."""
    groups: dict[str, list[Found]] = {}
    for item in found:
        version = cli_version(item.source.location.rpartition(os.sep)[2])
        if version is not None:
            groups.setdefault(version, []).append(item)
    return {version: items for version, items in groups.items() if len(items) > 1}
