"""Where a project's files lie, and the careful look into a folder that every layout uses."""

from __future__ import annotations

import fnmatch
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from lockgate.errors import SourceError
from lockgate.migration.source import suspect_character
from lockgate.values import value


@dataclass(frozen=True, slots=True)
class Notice:
    """Something about a file that stops nothing but that its owner should know."""

    path: str
    message: str


@value(frozen=True, slots=True)
class Entry:
    """One thing in a folder."""

    name: str
    location: str
    is_folder: bool

    @property
    def path(self) -> Path:
        """Where it lies."""
        return Path(self.location)


@dataclass(slots=True)
class Place:
    """The folders of one project, while they are read; problems and notices gather here.

    ``platform`` is that of the configuration: in a Supabase project the Supabase CLI reads the same files.
    """

    root: Path
    folder: Path
    rollbacks: Path
    verify: Path
    platform: str = "postgres"
    ignore: tuple[str, ...] = ()
    problems: list[SourceError] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)

    def label(self, path: Path | str) -> str:
        """A path as messages show it: from the project's folder, with slashes."""
        text, root = str(path), str(self.root)
        # By far the most paths lie inside; for thousands of files pathlib's own way takes half a second.
        inside = text.startswith(root + os.sep)
        shown = text[len(root) + 1 :] if inside else os.path.relpath(path, self.root)
        shown = shown.replace(os.sep, "/")
        return shown if shown.isascii() else shown.encode("utf-8", "backslashreplace").decode("utf-8")

    def problem(
        self, path: Path, message: str, *, why: str | None = None, steps: list[str] | None = None
    ) -> None:
        """Note something that makes the project unfit to run."""
        self.problems.append(SourceError(message, path=self.label(path), why=why, next_steps=steps or []))

    def notice(self, path: Path, message: str) -> None:
        """Note something that the owner should know."""
        self.notices.append(Notice(self.label(path), message))

    def scan(self, folder: Path) -> list[Entry]:
        """What lies in a folder, by name; hidden and ignored names and what leaves the project are left out."""
        if not self._is_inside(folder):
            return []
        try:
            with os.scandir(folder) as entries:
                kept = [
                    item for item in entries if not item.name.startswith(".") and not self._ignored(item.name)
                ]
        except FileNotFoundError:
            return []
        except OSError as error:
            self.problem(
                folder, f"cannot be read: {error.strerror}", steps=[f"chmod u+rx {self.label(folder)}"]
            )
            return []
        kept.sort(key=lambda item: os.fsencode(item.name))
        return [entry for item in kept if (entry := self._entry(item))]

    def walk(self, folder: Path, depth: int = 16) -> Iterator[Entry]:
        """The files in a folder and in the folders below it."""
        for entry in self.scan(folder):
            if not entry.is_folder:
                yield entry
            elif depth > 0:
                yield from self.walk(entry.path, depth - 1)

    def _ignored(self, name: str) -> bool:
        return any(fnmatch.fnmatchcase(name, pattern) for pattern in self.ignore)

    def _entry(self, item: os.DirEntry[str]) -> Entry | None:
        if not item.name.isascii() and not self._is_readable_name(Path(item.path), item.name):
            return None
        if item.is_symlink() and not self._is_inside(Path(item.path)):
            return None
        kind = _kind(item)
        if kind is None and item.name.endswith(".sql"):
            self.problem(Path(item.path), "a broken link" if item.is_symlink() else "not a regular file")
        return Entry(item.name, item.path, kind == "folder") if kind else None

    def _is_readable_name(self, path: Path, name: str) -> bool:
        try:
            name.encode("utf-8")
        except UnicodeEncodeError:
            self.problem(path, "the file's name is not UTF-8", steps=["rename it"])
            return False
        suspect = suspect_character(name)
        if suspect:
            self.problem(path, f"the file's name holds the {suspect}", steps=["rename it"])
        return suspect is None

    def _is_inside(self, path: Path) -> bool:
        """Whether a path ends inside the project (or inside the folder that the settings name) after all links."""
        real = os.path.realpath(path)
        bases = {os.path.realpath(self.root)}
        for configured in (self.folder, self.rollbacks, self.verify):
            if not configured.is_relative_to(self.root):
                bases.add(os.path.realpath(configured))
        if any(real == base or real.startswith(base.rstrip(os.sep) + os.sep) for base in bases):
            return True
        self.problem(
            path,
            f"a symbolic link that leaves the project, to {real}",
            why="what it leads to can change without a trace in this project",
            steps=["copy the files into the project, or name their real folder in lockgate.toml"],
        )
        return False


def _kind(item: os.DirEntry[str]) -> str | None:
    try:
        return "folder" if item.is_dir() else "file" if item.is_file() else None
    except OSError:
        # A link that leads to itself.
        return None
