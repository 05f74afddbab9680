"""Finds the files of a project: every migration in its order, with its rollback and its verify file."""

from __future__ import annotations

from pathlib import Path

from lockgate.config import Config
from lockgate.migration.layouts import choose, marked
from lockgate.migration.layouts.model import Found, Layout, Source
from lockgate.migration.layouts.place import Notice, Place
from lockgate.migration.layouts.sidecars import ROLLBACK_SUFFIXES, VERIFY_SUFFIXES, leading_version, sidecars
from lockgate.migration.model import Migration, Project, SqlFile

__all__ = ["Migration", "Notice", "Project", "SqlFile", "discover", "read_file"]


def discover(config: Config, *, strict: bool = True) -> Project:
    """The migrations of a project.

    Raises SourceError for duplicate versions, unreadable names, links that leave the project and the like; with
    ``strict=False`` they are left in ``problems``. The files' texts are read only when they are asked for.
    """
    layout, folder = choose(config)
    place = _place(config, layout, folder)
    listing = layout.read(place)
    found = _in_order(place, listing.found)
    made = _migrations(config, place, found)
    project = Project(
        config,
        layout,
        folder,
        place.rollbacks,
        place.verify,
        made,
        tuple(place.problems),
        tuple(place.notices),
    )
    if strict:
        project.require_sound()
    return project


def _place(config: Config, layout: Layout, folder: Path) -> Place:
    settings = config.project
    beside = folder if folder == config.root else folder.parent
    return Place(
        root=config.root,
        folder=folder,
        rollbacks=config.path(settings.rollbacks) if settings.rollbacks else beside / "rollbacks",
        verify=config.path(settings.verify) if settings.verify else beside / "verify",
        platform=config.platform,
        ignore=settings.ignore,
    )


def _in_order(place: Place, found: list[Found]) -> list[Found]:
    ordered = sorted(found, key=lambda item: (item.key, item.stem))
    kept: list[Found] = []
    for item in ordered:
        if kept and kept[-1].key == item.key:
            place.problem(
                item.source.path,
                f"the version {item.version} stands twice, first in {place.label(kept[-1].source.path)}",
                steps=[
                    "give one of them a later version; check first which of them is applied: lockgate status"
                ],
            )
        else:
            kept.append(item)
    return kept


def _migrations(config: Config, place: Place, found: list[Found]) -> tuple[Migration, ...]:
    backs = sidecars(place, place.rollbacks, found, ROLLBACK_SUFFIXES, "rollback")
    proofs = sidecars(place, place.verify, found, VERIFY_SUFFIXES, "verify file")
    limit = config.project.max_file_size

    def file(item: Found, source: Source | None, sidecar: str | None) -> SqlFile | None:
        chosen = Source(sidecar) if sidecar else source
        return SqlFile(chosen, place.label(chosen.location), limit, item.no_transaction) if chosen else None

    return tuple(
        Migration(
            version=item.version,
            name=item.name,
            stem=item.stem,
            forth=SqlFile(item.source, place.label(item.source.location), limit, item.no_transaction),
            repeatable=item.repeatable,
            back=file(item, item.rollback, backs.get(item.version)),
            verify=file(item, item.verify, proofs.get(item.version)),
        )
        for item in found
    )


def read_file(config: Config, path: Path, given: bytes | None = None) -> Migration:
    """Any SQL file as a migration, whatever its name and wherever it lies; with ``given`` bytes it need not be there.

    The version is empty if the name has none; of a file that holds both ways it is the way forth.
    """
    absolute = path.absolute()
    place = Place(config.root, absolute.parent, absolute.parent, absolute.parent)
    version = leading_version(absolute.stem)
    source, limit = Source(str(absolute), marked.forth), config.project.max_file_size
    forth = SqlFile(source, place.label(absolute), limit, given=given)
    return Migration(version, absolute.stem, absolute.stem, forth)
