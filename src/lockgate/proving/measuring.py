"""The locks that statements really take: read from ``pg_locks`` after each one, while its transaction is still open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import psycopg

from lockgate.sql.identifiers import QualifiedName
from lockgate.sql.queries import read as read_query
from lockgate.types import LockMode, RelationLock

_PACKAGE = "lockgate.proving"


@dataclass(frozen=True, slots=True)
class Measured:
    """What one statement added to the locks of its transaction, on relations that were there before it.

    ``statement`` is its index in the file; ``locks`` is None where nothing could be measured, because the statement
    runs outside of transactions and lets go of its locks before it can be asked. ``held`` is everything the
    transaction holds after it.
    """

    statement: int
    seconds: float
    locks: tuple[RelationLock, ...] | None
    held: tuple[RelationLock, ...] = ()


@dataclass(slots=True)
class Meter:
    """Measures the statements of one transaction after the other on a connection."""

    connection: psycopg.Connection[Any]
    _names: Mapping[int, str] = field(default_factory=dict)
    _files: dict[int, int | None] = field(default_factory=dict)
    _modes: dict[int, LockMode] = field(default_factory=dict)
    _read: dict[int, int] = field(default_factory=dict)
    _flags: dict[int, tuple[bool, bool]] = field(default_factory=dict)

    def begin(self) -> None:
        """Note what is there before a transaction."""
        rows = self.connection.execute(read_query(_PACKAGE, "relations")).fetchall()
        self._names = {oid: str(QualifiedName(schema, name)) for oid, schema, name, _, _ in rows}
        self._files = {oid: file for oid, _, _, file, _ in rows}
        self._read = {oid: count for oid, _, _, _, count in rows}
        self._flags = {}
        # Whoever began the transaction may have looked at tables already.
        self._modes, _, _ = self._look()

    def after(self) -> tuple[tuple[RelationLock, ...], tuple[RelationLock, ...]]:
        """What the last statement added, and all that is held now; to be asked inside the transaction."""
        modes, scanned, rewritten = self._look()
        changed: list[RelationLock] = []
        for oid, mode in modes.items():
            flags = (oid in rewritten, oid in scanned)
            before = self._flags.get(oid, (False, False))
            self._flags[oid] = (flags[0] or before[0], flags[1] or before[1])
            if mode > self._modes.get(oid, 0) or any(flags):
                changed.append(RelationLock(self._names[oid], mode, rewrite=flags[0], scan=flags[1]))
        self._modes = modes
        return tuple(changed), self._held()

    def _look(self) -> tuple[dict[int, LockMode], set[int], set[int]]:
        modes: dict[int, LockMode] = {}
        scanned: set[int] = set()
        rewritten: set[int] = set()
        for oid, mode, rows, file in self.connection.execute(read_query(_PACKAGE, "held")).fetchall():
            if oid not in self._names:
                continue
            found = LockMode.from_pg(mode)
            modes[oid] = max(found, modes.get(oid, found))
            if rows > self._read.get(oid, 0):
                scanned.add(oid)
                self._read[oid] = rows
            if file is not None and file != self._files.get(oid):
                rewritten.add(oid)
                self._files[oid] = file
        return dict(sorted(modes.items(), key=lambda item: self._names[item[0]])), scanned, rewritten

    def _held(self) -> tuple[RelationLock, ...]:
        return tuple(
            RelationLock(self._names[oid], mode, rewrite=self._flags[oid][0], scan=self._flags[oid][1])
            for oid, mode in self._modes.items()
            if oid in self._flags
        )
