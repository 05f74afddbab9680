"""Which tables and columns there are at each point of a change, and which of them are the same under another name.

A view keeps to the column that it was made over, whatever that is called later. So columns and relations have a number
here that a rename leaves to them; what is dropped and made again has another one.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from lockgate.analysis.state.catalog import Catalog
from lockgate.analysis.state.names import range_var
from lockgate.analysis.state.replay import replay
from lockgate.analysis.view import Relation, TypeRef
from lockgate.sql.identifiers import QualifiedName
from lockgate.sql.parse import Statement, parse

_STORED: Final = ("table", "partitioned table", "foreign table")
_SHOWN: Final = (*_STORED, "view", "materialized view")
_MOVES: Final = ("RenameStmt", "AlterObjectSchemaStmt")


@dataclass(frozen=True, slots=True)
class Cell:
    """A column."""

    id: int
    name: str
    type: TypeRef


@dataclass(frozen=True, slots=True)
class Thing:
    """A table or a view; ``stored`` is false for views of both sorts."""

    id: int
    name: QualifiedName
    stored: bool
    partition: bool
    cells: tuple[Cell, ...]

    def by_name(self, name: str) -> Cell | None:
        """The column that is called so now."""
        return next((cell for cell in self.cells if cell.name == name), None)

    def by_id(self, number: int) -> Cell | None:
        """The column that was given this number."""
        return next((cell for cell in self.cells if cell.id == number), None)


@dataclass(frozen=True, slots=True)
class Point:
    """What there is between two parts; ``retyped`` are the columns whose type the part before it changed in place."""

    things: tuple[Thing, ...]
    retyped: frozenset[int] = frozenset()

    def by_name(self, name: QualifiedName) -> Thing | None:
        """The relation that is called so now."""
        return next((thing for thing in self.things if thing.name == name), None)

    def by_id(self, number: int) -> Thing | None:
        """The relation that was given this number."""
        return next((thing for thing in self.things if thing.id == number), None)


class Tracker:
    """Follows a schema through the statements of a change."""

    def __init__(self, state: Catalog) -> None:
        self._state = state
        self._numbers = itertools.count(1)
        self._known: dict[QualifiedName, Thing] = {}
        self._retyped: set[int] = set()
        self._read({}, renamed=False)

    def point(self) -> Point:
        """What there is now."""
        return Point(tuple(self._known.values()), frozenset(self._retyped))

    def run(self, statements: Iterable[str]) -> Point:
        """What there is after the statements of a part."""
        self._retyped.clear()
        for sql in statements:
            for statement in parse(sql).statements:
                self._step(statement)
        return self.point()

    def _step(self, statement: Statement) -> None:
        before = set(self._names())
        self._note_types(statement)
        replay(self._state, statement.kind, statement.tree)
        after = set(self._names())
        gone, come = before - after, after - before
        moved = statement.kind in _MOVES and len(gone) == len(come) == 1
        self._read(dict(zip(come, gone, strict=True)) if moved else {}, statement.kind == "RenameStmt")

    def _names(self) -> Iterable[QualifiedName]:
        return (relation.name for relation in self._state.relations() if relation.kind in _SHOWN)

    def _note_types(self, statement: Statement) -> None:
        for item in statement.tree.get("cmds", ()) if statement.kind == "AlterTableStmt" else ():
            command = item["AlterTableCmd"]
            name = self._state.relation_name(*range_var(statement.tree["relation"]))
            cell = self._known[name].by_name(command.get("name", "")) if name in self._known else None
            if command.get("subtype") == "AT_AlterColumnType" and cell is not None:
                self._retyped.add(cell.id)

    def _read(self, moved: dict[QualifiedName, QualifiedName], renamed: bool) -> None:
        self._known = {
            relation.name: self._thing(
                relation, self._known.get(moved.get(relation.name, relation.name)), renamed
            )
            for relation in self._state.relations()
            if relation.kind in _SHOWN and relation.persistence != "temporary"
        }

    def _thing(self, relation: Relation, before: Thing | None, renamed: bool) -> Thing:
        in_place = before is not None and renamed and len(before.cells) == len(relation.columns)
        cells = []
        for place, column in enumerate(relation.columns):
            same = None
            if before is not None:
                same = before.cells[place] if in_place else before.by_name(column.name)
            cells.append(Cell(same.id if same else next(self._numbers), column.name, column.type))
        number = before.id if before is not None else next(self._numbers)
        return Thing(number, relation.name, relation.kind in _STORED, relation.is_partition, tuple(cells))
