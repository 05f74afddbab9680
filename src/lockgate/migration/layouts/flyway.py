"""Flyway: ``V<version>__<name>.sql``, ``U…`` to undo, ``R__<name>.sql`` to repeat whenever it changes.

Source: "Migrations" and "Script config files" in the Flyway reference. Callbacks and baseline scripts are not run.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from lockgate.migration.layouts.model import Found, Listing, NewFiles, Request, Source
from lockgate.migration.layouts.place import Entry, Place

_NAME: Final = re.compile(r"([VURB])([0-9][0-9._]*?)?__(.+)\.sql")
_CALLBACK: Final = re.compile(r"(before|after|create)[A-Z]\w*(__.*)?\.sql")
_NO_TRANSACTION: Final = re.compile(r"^\s*executeInTransaction\s*=\s*false\s*$", re.MULTILINE | re.IGNORECASE)


class Flyway:
    """The layout of Flyway; versions are compared part by part as numbers, and ``1.0`` is ``1``."""

    name = "flyway"
    folders = (
        "src/main/resources/db/migration",
        "db/migration",
        "migrations",
        "sql",
        "flyway/sql",
        "db/migrations",
        "migration",
    )

    def recognises(self, root: Path, folder: Path) -> bool:
        """By one file named as a versioned migration, here or in a folder below."""
        return any(_NAME.fullmatch(path.name) for path in folder.rglob("V*__*.sql"))

    def read(self, place: Place) -> Listing:
        """Every file of the folder and of the folders below it."""
        entries = [item for item in place.walk(place.folder) if item.name.endswith(".sql")]
        parsed = [(entry, match) for entry in entries if (match := _parse(place, entry))]
        undo = {_key(match[2]): Source(entry.location) for entry, match in parsed if match[1] == "U"}
        found = [item for entry, match in parsed if (item := _found(place, entry, match, undo))]
        return Listing(found, place.problems, place.notices)

    def new(self, request: Request) -> NewFiles:
        """A versioned file with the next whole number, or a time stamp, and its undo file."""
        newest = request.newest or request.stamp
        first = newest.split(".")[0]
        is_stamp = len(first) == len(request.stamp)
        version = request.stamp if is_stamp else str(int(first) + 1).zfill(len(first))
        name = f"{version}__{request.description}.sql"
        return NewFiles(version, request.folder / f"V{name}", request.folder / f"U{name}")


def _parse(place: Place, entry: Entry) -> re.Match[str] | None:
    match = _NAME.fullmatch(entry.name)
    if match and bool(match[2]) != (match[1] == "R"):
        return match
    if _CALLBACK.fullmatch(entry.name):
        place.notice(entry.path, "a Flyway callback; Lockgate does not run it")
    else:
        place.problem(
            entry.path, "the name is not V<version>__<name>.sql, U<version>__<name>.sql or R__<name>.sql"
        )
    return None


def _found(
    place: Place, entry: Entry, match: re.Match[str], undo: dict[tuple[int, ...], Source]
) -> Found | None:
    kind, stem, source = match[1], entry.name[:-4], Source(entry.location)
    no_transaction = _is_without_transaction(entry.path)
    if kind == "R":
        return Found(
            f"R__{match[3]}",
            match[3],
            (1, match[3]),
            source,
            stem,
            None,
            None,
            no_transaction,
            repeatable=True,
        )
    if kind == "B":
        place.notice(
            entry.path, "a Flyway baseline script; use lockgate baseline on a database that has the schema"
        )
    if kind != "V":
        return None
    key = _key(match[2])
    version = match[2].replace("_", ".").strip(".")
    return Found(version, match[3], (0, key), source, stem, undo.get(key), None, no_transaction)


def _key(version: str) -> tuple[int, ...]:
    parts = [int(part) for part in re.split(r"[._]", version) if part]
    while parts and parts[-1] == 0:
        parts.pop()
    return tuple(parts)


def _is_without_transaction(path: Path) -> bool:
    try:
        return bool(_NO_TRANSACTION.search(path.with_name(path.name + ".conf").read_text("utf-8", "replace")))
    except OSError:
        return False
