"""What a layout is: it finds itself, lists its migrations in order, and names new files."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from lockgate.errors import SourceError
from lockgate.migration.layouts.place import Notice, Place


@dataclass(frozen=True, slots=True)
class Section:
    """One part of a file: the whole text with all else blanked out, so that every place in it keeps its line.

    ``text`` is None when the file has no such part.
    """

    text: str | None
    no_transaction: bool = False


class Unfit(ValueError):  # noqa: N818 - it becomes a SourceError with the file's name
    """A file does not hold what its layout asks for; the text says what is wrong."""


Selector = Callable[[str], Section]
"""Cuts the text of a file down to one part; raises Unfit."""


def whole(text: str) -> Section:
    """The selector of a file that is one part."""
    return Section(text)


@dataclass(frozen=True, slots=True)
class Source:
    """A part of a file."""

    path: Path
    select: Selector = whole


@dataclass(frozen=True, slots=True)
class Found:
    """One migration as a layout sees it on disk.

    ``key`` orders migrations and tells whether two have the same version; ``stem`` is the name under which a file in
    the rollbacks folder may refer to it; ``rollback`` and ``verify`` are those that the layout itself has.
    """

    version: str
    name: str
    key: tuple[Any, ...]
    source: Source
    stem: str
    rollback: Source | None = None
    verify: Source | None = None
    no_transaction: bool = False
    repeatable: bool = False


@dataclass(frozen=True, slots=True)
class Listing:
    """All that a layout found, in no particular order unless ``in_order``, and what it could not read."""

    found: list[Found]
    problems: list[SourceError]
    notices: list[Notice]


@dataclass(frozen=True, slots=True)
class NewFile:
    """A file to be written for a new migration: ``parts`` are joined (the text of the up part, of the down part)."""

    path: Path
    before: str
    part: str
    after: str = ""


class Layout(Protocol):
    """One convention of files; there is one module and one line in the registry for each."""

    @property
    def name(self) -> str:
        """The name in ``[project] layout``."""

    @property
    def folders(self) -> tuple[str, ...]:
        """The places where it is looked for, seen from the project's folder."""

    def recognises(self, root: Path, folder: Path) -> bool:
        """Whether an existing folder holds migrations of this layout."""

    def read(self, place: Place) -> Listing:
        """Everything in the folder of a place."""
