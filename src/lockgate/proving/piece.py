"""One migration made ready to be proved: both of its files read, and what can be said before running them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from lockgate.errors import LockgateError
from lockgate.migration.model import Migration, SqlFile
from lockgate.migration.names import compact
from lockgate.proving.foretelling import foretell_file
from lockgate.proving.ground import Ground
from lockgate.proving.playing import Failure, Score, score
from lockgate.sql.parse import Statement

_SHARED: Final = frozenset(
    {
        "CreateRoleStmt",
        "AlterRoleStmt",
        "AlterRoleSetStmt",
        "DropRoleStmt",
        "GrantRoleStmt",
        "AlterDatabaseStmt",
        "AlterDatabaseSetStmt",
        "CreatedbStmt",
        "DropdbStmt",
        "CreateTableSpaceStmt",
        "DropTableSpaceStmt",
        "AlterSystemStmt",
        "DropOwnedStmt",
    }
)
_SHARED_IN_BODIES: Final = re.compile(
    r"\b(create|alter|drop)\s+(role|user|group|database|tablespace)\b|\bdrop\s+owned\b", re.IGNORECASE
)
_DROPS: Final = re.compile(r"\bdrop\b|\bset\s+data\s+type\b|\btype\b", re.IGNORECASE)
_VERSION: Final = re.compile(r"(?<!\d)(\d{8})_?(\d{6})(?!\d)")


@dataclass(frozen=True, slots=True)
class Piece:
    """A migration with its files as they will be played; ``back`` is None where there is no rollback file."""

    migration: Migration
    forth: Score
    back: Score | None
    declared: str | None = None

    @property
    def version(self) -> str:
        """The migration's version."""
        return self.migration.version

    @property
    def is_shared(self) -> bool:
        """Whether it changes what all databases of a server share: roles, above all."""
        return any(map(_is_shared, self._files()))

    @property
    def may_lose_positions(self) -> bool:
        """Whether a sequence may be dropped on the way forth, and made anew at its beginning on the way back."""
        return any(_DROPS.search(statement.sql) for statement in _statements(self.forth.file))

    def remarks(self) -> Iterator[str]:
        """What the rollback file lets expect that it is wrong, before it is run."""
        if self.back is None:
            return
        if self.back.is_empty and not self.forth.is_empty:
            yield "the rollback file has no statement in it"
        foreign = _other_version(self.back.file, self.version)
        if foreign is not None:
            yield f"the rollback file speaks of version {foreign}: it may belong to another migration"

    def _files(self) -> Iterator[SqlFile]:
        yield self.forth.file
        if self.back is not None:
            yield self.back.file


def prepare(migration: Migration, ground: Ground, earlier: Sequence[Migration] = ()) -> Piece:
    """Read the files of a migration that comes after some others.

    What is wrong with them shows when they are played.
    """
    return Piece(
        migration=migration,
        forth=_score(migration, migration.forth, ground, earlier),
        back=_back(migration, ground, earlier),
        declared=_declared(migration),
    )


def prepare_all(
    migrations: Sequence[Migration], ground: Ground, earlier: Sequence[Migration] = ()
) -> list[Piece]:
    """Read the files of migrations that follow each other."""
    return [
        prepare(migration, ground, [*earlier, *migrations[:place]])
        for place, migration in enumerate(migrations)
    ]


def _score(migration: Migration, file: SqlFile, ground: Ground, earlier: Sequence[Migration]) -> Score:
    forecasts = foretell_file(file, migration.version, earlier, ground.major, ground.flavour)
    return score(migration, file, ground.major, forecasts)


def _back(migration: Migration, ground: Ground, earlier: Sequence[Migration]) -> Score | None:
    try:
        back = migration.rollback
    except LockgateError as error:
        assert migration.back is not None
        return Score(migration.back, None, Failure(error.message))
    return _score(migration, back, ground, [*earlier, migration]) if back is not None else None


def _declared(migration: Migration) -> str | None:
    try:
        return migration.irreversible
    except LockgateError:
        return None


def _is_shared(file: SqlFile) -> bool:
    return any(
        statement.kind in _SHARED
        or (statement.kind in ("DoStmt", "CreateFunctionStmt") and _SHARED_IN_BODIES.search(statement.sql))
        for statement in _statements(file)
    )


def _statements(file: SqlFile) -> tuple[Statement, ...]:
    try:
        return file.script.statements
    except LockgateError:
        return ()


def _other_version(file: SqlFile, version: str) -> str | None:
    """The version that the file's opening comment names, when it names others and not its own."""
    try:
        text = file.text
    except LockgateError:
        return None
    opening = text[: min(position for position in (_first_statement(file), len(text)))]
    named = [first + second for first, second in _VERSION.findall(opening)]
    own = compact(version)
    return named[0] if named and own not in named else None


def _first_statement(file: SqlFile) -> int:
    statements = _statements(file)
    return statements[0].start.offset if statements else len(file.text)
