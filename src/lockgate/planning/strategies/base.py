"""What a strategy is: a statement that is unsafe on a live table becomes parts that are not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from lockgate.analysis.state.catalog import Catalog
from lockgate.analysis.view import Relation
from lockgate.catalog.snapshot import Snapshot
from lockgate.planning.changes import Part
from lockgate.planning.reshape.words import Wish
from lockgate.sql.parse import Node, Statement, deparse

Look = Callable[[tuple[str, ...]], Snapshot | None]
"""Reads the schema that a change meets after some statements, from a target or from a throwaway server."""


@dataclass(frozen=True, slots=True)
class Question:
    """One statement and the schema that it meets.

    ``command`` is the one command of an ALTER TABLE, ``table`` the relation that the statement names, ``fill`` an SQL
    expression for missing values that the user gave, ``back`` one for old values. ``look`` reads the schema that the
    statement meets from a server, where one can be asked; ``before`` are the statements of the change that come first,
    ``rest`` those after it. ``wish`` is a reshaping that no statement means; the statement is then an empty one.
    """

    statement: Statement
    state: Catalog
    major: int
    table: Relation
    command: Node
    fill: str | None = None
    back: str | None = None
    look: Look | None = None
    before: tuple[str, ...] = ()
    rest: tuple[Statement, ...] = ()
    wish: Wish | None = None

    def schema(self) -> Snapshot | None:
        """The schema as a server has it; None where none can be asked."""
        return self.look(self.before) if self.look is not None else None

    def words(self, after: str) -> str:
        """What stands behind some words (ADD COLUMN) of the one command of an ALTER TABLE."""
        tree = {**self.statement.tree, "cmds": [{"AlterTableCmd": self.command}]}
        return deparse({"AlterTableStmt": tree}).split(f" {after} ", 1)[1]


@dataclass(frozen=True, slots=True)
class Answer:
    """The parts, and what the reader should know; ``taken`` are those of the rest that it speaks for too (from 0).

    ``touches`` are the columns (table, column) that it is about, where it is about nothing else: changes of other
    columns may share its phases.
    """

    change: str
    parts: tuple[Part, ...]
    notes: tuple[str, ...] = ()
    taken: tuple[int, ...] = ()
    touches: frozenset[tuple[str, str]] = frozenset()


@dataclass(frozen=True, slots=True)
class Strategy:
    """One way to make a change safe.

    ``on`` names what it handles: a command of ALTER TABLE (``AT_SetNotNull``), a statement's kind with the object it is
    about (``RenameStmt/OBJECT_COLUMN``), or a reshaping (``split``). ``plan`` answers None when the statement is
    harmless as it is. ``doc`` is its section of the reference, with the parts of ``example`` (and ``fill``).
    """

    id: str
    on: tuple[str, ...]
    plan: Callable[[Question], Answer | None]
    doc: str
    example: str
    fill: str | None = None


OLD_GONE: Final = "the new application runs everywhere and nothing uses the old {what} any more"
NOT_MISSED: Final = "nobody has missed {what} for as long as your slowest job takes to come round"
