"""A project's files as values: read when first asked for, and kept."""

from __future__ import annotations

import contextlib
import functools
import gc
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from lockgate.config import Config
from lockgate.errors import SourceError, UsageError
from lockgate.migration import checksum
from lockgate.migration.layouts.model import Layout, Section, Source, Unfit, whole
from lockgate.migration.layouts.place import Notice
from lockgate.migration.names import compact
from lockgate.migration.source import decode_source, read_bytes, within_limit

if TYPE_CHECKING:
    from lockgate.migration.directives import Directives
    from lockgate.migration.header import Header
    from lockgate.sql.parse import Script


@dataclass(frozen=True, eq=False)
class SqlFile:
    """One SQL text on disk, or one part of a file that holds both ways.

    ``label`` is the path as messages show it. Everything is read when first asked for; whatever reads the text raises
    SourceError when the file cannot be read strictly. ``given`` are the bytes, where not those on disk are meant.
    """

    source: Source
    label: str
    limit: int = field(default=32 * 2**20, repr=False)
    layout_no_transaction: bool = field(default=False, repr=False)
    given: bytes | None = field(default=None, repr=False)

    @property
    def path(self) -> Path:
        """Where the file lies."""
        return self.source.path

    @functools.cached_property
    def _raw(self) -> bytes:
        if self.given is not None:
            return within_limit(self.given, self.label, self.limit)
        return read_bytes(self.source.location, self.label, self.limit)

    @functools.cached_property
    def _read(self) -> tuple[str, Section]:
        text = decode_source(self._raw, self.label)
        try:
            return text, self.source.select(text)
        except Unfit as error:
            raise SourceError(str(error), path=self.label) from error

    @property
    def is_present(self) -> bool:
        """Whether the file has this part at all; one that cannot be read is there, and its text says why not."""
        if self.source.select is whole:
            return True
        try:
            return self._read[1].text is not None
        except SourceError:
            return True

    @property
    def text(self) -> str:
        """The SQL, with the lines and columns of the file."""
        return self._read[1].text or ""

    @functools.cached_property
    def script(self) -> Script:
        """The statements."""
        from lockgate.sql.parse import parse

        return parse(self.text)

    @functools.cached_property
    def header(self) -> Header:
        """The header of the guide's template, as far as the file has one."""
        from lockgate.migration.header import parse_header

        return parse_header(self.text)

    @functools.cached_property
    def _directives(self) -> Directives:
        from lockgate.migration.directives import Directives, NoTransaction, parse_directives
        from lockgate.types import Position

        found = parse_directives(self.script, self.label)
        if not (self.layout_no_transaction or self._read[1].no_transaction) or found.first(NoTransaction):
            return found
        return Directives((NoTransaction(Position(0, 1, 1), None), *found.all), found.errors)

    @property
    def directives(self) -> Directives:
        """The ``-- lockgate:`` comments; raises SourceError for the first that cannot be read.

        What a layout says in its own words (``-- +goose NO TRANSACTION``) is among them.
        """
        if self._directives.errors:
            raise self._directives.errors[0]
        return self._directives

    @functools.cached_property
    def checksum(self) -> str:
        """SHA-256 of the bytes: it changes with every edit."""
        text, section = self._read
        if section.text is not text:
            # The other part is blanked out here; its length must not count.
            return checksum.of_bytes(self.text.strip().encode("utf-8"))
        return checksum.of_bytes(self._raw)

    def matches(self, known: str) -> bool:
        """Whether the checksum is a known one; cheaper than to ask for it, and the bytes are not kept.

        Bytes that were text once are text: those of a whole file need not be read strictly for that.
        """
        if self.source.select is whole and "_raw" not in self.__dict__:
            return checksum.of_bytes(read_bytes(self.source.location, self.label, self.limit)) == known
        return self.checksum == known

    @functools.cached_property
    def statement_checksum(self) -> str:
        """A checksum of the parsed statements: it changes only when what the file does changes."""
        return checksum.of_statements(self.script)

    @property
    def no_transaction(self) -> bool:
        """Whether the file asks to run its statements one by one, by a directive or in its layout's own words."""
        from lockgate.migration.directives import NoTransaction

        return self.directives.first(NoTransaction) is not None

    def problems(self) -> tuple[SourceError, ...]:
        """Everything that makes the file unreadable, without raising; a statement that does not parse is not one."""
        try:
            return self._directives.errors
        except SourceError as error:
            return (error,)


@dataclass(frozen=True, eq=False)
class Migration:
    """One migration: the way forth, the way back and the proof, each a file or a part of one.

    ``version`` is text, ``name`` the description from the file name. ``stem`` is the file name without its suffix.
    """

    version: str
    name: str
    stem: str
    forth: SqlFile
    repeatable: bool = False
    back: SqlFile | None = None
    verify: SqlFile | None = None

    @property
    def path(self) -> Path:
        """Where the file lies."""
        return self.forth.path

    @property
    def label(self) -> str:
        """The path as messages show it: from the project's folder, with slashes."""
        return self.forth.label

    @property
    def text(self) -> str:
        """The SQL; raises SourceError when the file cannot be read strictly."""
        return self.forth.text

    @property
    def script(self) -> Script:
        """The statements; raises SourceError when the file cannot be read strictly."""
        return self.forth.script

    @property
    def header(self) -> Header:
        """The header of the guide's template, as far as the file has one."""
        return self.forth.header

    @property
    def directives(self) -> Directives:
        """The ``-- lockgate:`` comments; raises SourceError for the first that cannot be read."""
        return self.forth.directives

    @property
    def checksum(self) -> str:
        """SHA-256 of the bytes: it changes with every edit."""
        return self.forth.checksum

    @property
    def statement_checksum(self) -> str:
        """A checksum of the parsed statements: it changes only when what the file does changes."""
        return self.forth.statement_checksum

    @property
    def no_transaction(self) -> bool:
        """Whether the file's statements are to run one by one."""
        return self.forth.no_transaction

    @property
    def rollback(self) -> SqlFile | None:
        """The way back, or None when there is none, or a file that only says why there is none."""
        return None if self._declared_in_rollback else self._way_back

    @property
    def has_way_back(self) -> bool:
        """Whether something stands where the way back belongs, a reason why there is none too."""
        return self._way_back is not None

    @property
    def _way_back(self) -> SqlFile | None:
        return self.back if self.back and self.back.is_present else None

    def with_text(self, raw: bytes) -> Migration:
        """The same migration with other bytes for the way forth than those on disk."""
        return replace(self, forth=replace(self.forth, given=raw))

    @functools.cached_property
    def _declared_in_rollback(self) -> str | None:
        """The reason that ``rollback write`` puts where the way back would stand."""
        from lockgate.migration.directives import Irreversible

        try:
            if self._way_back is None or "irreversible" not in self._way_back.text:
                return None
            declared = self._way_back.directives.first(Irreversible)
            return declared.reason if declared and not self._way_back.script.statements else None
        except SourceError:
            return None

    @property
    def irreversible(self) -> str | None:
        """Why there is no way back, when the author or the file in its place says so."""
        from lockgate.migration.directives import Irreversible

        found = self.directives.first(Irreversible)
        return found.reason if found else self._declared_in_rollback

    def problems(self) -> tuple[SourceError, ...]:
        """Everything that makes one of the files unreadable, without raising."""
        files = dict.fromkeys(item for item in (self.forth, self.back, self.verify) if item)
        found = {str(problem): problem for item in files for problem in item.problems()}
        return tuple(found.values())

    def __str__(self) -> str:
        return f"{self.version} {self.name}"


@dataclass(frozen=True, eq=False)
class Project:
    """All migrations of a project in their order, and what is wrong with its files.

    ``problems`` make the project unfit to run; :func:`discover` raises the first unless told otherwise. ``notices``
    stop nothing.
    """

    config: Config
    layout: Layout
    folder: Path
    rollbacks: Path
    verify: Path
    migrations: tuple[Migration, ...]
    problems: tuple[SourceError, ...] = ()
    notices: tuple[Notice, ...] = ()

    @functools.cached_property
    def _by_version(self) -> Mapping[str, Migration]:
        return {migration.version: migration for migration in self.migrations}

    def get(self, version: str) -> Migration | None:
        """The migration of a version, in either spelling, or None."""
        return self._by_version.get(version) or self._by_version.get(compact(version))

    def find(self, text: str) -> Migration:
        """The migration that a version, a file name, a path or a description means; raises UsageError."""
        exact = self.get(text)
        stem = Path(text).name
        named = [item for item in self.migrations if stem in (item.path.name, item.stem, item.name)]
        if exact is None and len(named) > 1:
            raise UsageError(
                f"{text!r} is the name of several migrations: {', '.join(item.version for item in named)}",
                next_steps=["name the version"],
            )
        if exact is None and not named:
            raise UsageError(f"there is no migration {text!r} here", next_steps=["lockgate status"])
        return exact or named[0]

    @property
    def newest(self) -> Migration | None:
        """The last of the versioned migrations."""
        return next((item for item in reversed(self.migrations) if not item.repeatable), None)

    def newest_change(self) -> list[Migration]:
        """The newest migration, behind the earlier phases of its change; empty in a project without any."""
        from lockgate.migration.directives import Change

        newest = self.newest
        own = newest.directives.first(Change) if newest else None
        if newest is None or own is None:
            return [newest] if newest else []
        phases = [newest]
        for earlier in reversed(self.migrations[: self.migrations.index(newest)]):
            if len(phases) == own.number:
                break
            found = earlier.directives.first(Change)
            if found is not None and found.name == own.name:
                phases.insert(0, earlier)
        return phases

    def read_all(self) -> None:
        """Read and parse every migration now; files that cannot be read are passed over.

        Parse trees hold no cycles, so the collector is paused: it would take longer than the parser.
        """
        was_enabled = gc.isenabled()
        gc.disable()
        try:
            for migration in self.migrations:
                with contextlib.suppress(SourceError):
                    _ = migration.script
        finally:
            if was_enabled:
                gc.enable()

    def all_problems(self) -> tuple[SourceError, ...]:
        """The problems of the folder and of every file; reads and parses all of them."""
        self.read_all()
        inside = (problem for migration in self.migrations for problem in migration.problems())
        return (*self.problems, *inside)

    def require_sound(self) -> None:
        """Raise the first problem of the folder, with a word on how many more there are."""
        raise_first(self.problems)


def raise_first(problems: Iterable[SourceError]) -> None:
    """Raise the first of some problems; its message counts the others."""
    found = list(problems)
    if not found:
        return
    first = found[0]
    if len(found) > 1:
        first.evidence = f"{len(found) - 1} more: " + "; ".join(str(item) for item in found[1:6])
    raise first
