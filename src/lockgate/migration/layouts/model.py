"""What a layout is: it finds itself, lists its migrations in order, and names new files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

from lockgate.errors import SourceError
from lockgate.migration.layouts.place import Notice, Place
from lockgate.migration.names import Spelling
from lockgate.values import value


@value(frozen=True, slots=True)
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


@value(frozen=True, slots=True)
class Source:
    """A part of a file; ``location`` is its path as text, because pathlib takes its time over thousands of files."""

    location: str
    select: Selector = whole

    @property
    def path(self) -> Path:
        """Where the file lies."""
        return Path(self.location)


@value(frozen=True, slots=True)
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


@value(frozen=True, slots=True)
class Listing:
    """All that a layout found, in no particular order unless ``in_order``, and what it could not read."""

    found: list[Found]
    problems: list[SourceError]
    notices: list[Notice]


@value(frozen=True, slots=True)
class Request:
    """What a layout must know to name a new migration.

    ``newest`` is the version of the last one, ``stamp`` a time stamp of 14 digits later than every other.
    """

    folder: Path
    rollbacks: Path
    newest: str | None
    stamp: str
    description: str
    spelling: Spelling = "guide"

    @property
    def number(self) -> str:
        """The next version: the time stamp, or the next number where versions are shorter numbers."""
        if self.newest is None or len(self.newest) == len(self.stamp) or not self.newest.isdecimal():
            return self.stamp
        return str(int(self.newest) + 1).zfill(len(self.newest))


@value(frozen=True, slots=True)
class NewFiles:
    """Where a new migration and its rollback are to be written.

    ``markers`` are the lines before each part where both stand in one file; ``back`` is None then.
    """

    version: str
    forth: Path
    back: Path | None
    markers: tuple[str, str] = ("", "")


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

    def new(self, request: Request) -> NewFiles:
        """The files of a new migration; raises UsageError where another tool must make them."""
