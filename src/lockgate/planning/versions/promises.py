"""What a version shows, whatever happens below it: its relations with their columns, and where each is to be found."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from lockgate.analysis.view import TypeRef
from lockgate.catalog.model import View
from lockgate.planning.versions.shapes import Cell, Point, Thing
from lockgate.sql.identifiers import QualifiedName
from lockgate.sql.parse import Node, parse_one


@dataclass(frozen=True, slots=True)
class Column:
    """A column as a version shows it: ``name`` there, and the number, name and type of what is behind it."""

    name: str
    id: int
    behind: str
    type: TypeRef


@dataclass(frozen=True, slots=True)
class Promise:
    """A relation as a version shows it; ``place`` is what is behind it, as the schema of the version calls that."""

    name: str
    id: int
    place: QualifiedName
    stored: bool
    columns: tuple[Column, ...]

    def kept(self, point: Point, born: frozenset[int]) -> Shown | None:
        """How it is kept at a point, or None where it cannot be; ``born`` are the relations from before the change.

        Whatever has the name is what the application writes to; a relation that the change itself makes is in step in
        one direction only until it has the name.
        """
        candidates = [point.by_name(self.place), point.by_id(self.id) if self.id in born else None]
        for thing in candidates:
            if thing is not None and thing.stored is self.stored:
                cells = [self._cell(thing, column) for column in self.columns]
                if None not in cells:
                    return Shown(self.name, thing, tuple(zip(self.names, cells, strict=True)))  # type: ignore[arg-type]
        return None

    @property
    def names(self) -> tuple[str, ...]:
        """What its columns are called."""
        return tuple(column.name for column in self.columns)

    def _cell(self, thing: Thing, column: Column) -> Cell | None:
        if thing.id == self.id:
            return thing.by_id(column.id)
        cell = thing.by_name(column.behind)
        return cell if cell is not None and cell.type == column.type else None


@dataclass(frozen=True, slots=True)
class Shown:
    """A view of a version: its name, the relation behind it, and under which name it shows which column."""

    name: str
    thing: Thing
    columns: tuple[tuple[str, Cell], ...]

    def stays(self, other: Shown, retyped: frozenset[int]) -> bool:
        """Whether the server lets the view stand from one point to the next, and it shows the same there."""
        mine = [(name, cell.id) for name, cell in self.columns]
        theirs = [(name, cell.id) for name, cell in other.columns]
        return self.thing.id == other.thing.id and mine == theirs and not retyped & {one for _, one in mine}


def as_it_is(point: Point, schema: str) -> tuple[Promise, ...]:
    """Every relation of a schema as it is called at a point; partitions go with their table."""
    return tuple(
        Promise(
            thing.name.name,
            thing.id,
            thing.name,
            thing.stored,
            tuple(Column(cell.name, cell.id, cell.name, cell.type) for cell in thing.cells),
        )
        for thing in sorted(point.things, key=lambda thing: thing.name)
        if thing.name.schema == schema and not thing.partition and thing.cells
    )


def as_before(new: Iterable[Promise], old: Iterable[Promise]) -> tuple[Promise, ...]:
    """The new version with its tables' columns in the order of the old one, as far as that has them; others come last.

    The order of a view's columns is somebody's choice, that of a table's how the change came about.
    """
    known = {promise.id: promise for promise in old} | {promise.name: promise for promise in old}
    return tuple(_ordered(promise, known.get(promise.id) or known.get(promise.name)) for promise in new)


def _ordered(new: Promise, old: Promise | None) -> Promise:
    if old is None or not new.stored:
        return new
    ids = {column.id: place for place, column in enumerate(old.columns)}
    names = {column.name: place for place, column in enumerate(old.columns)}
    last = len(old.columns)
    columns = sorted(new.columns, key=lambda column: ids.get(column.id, names.get(column.name, last)))
    return Promise(new.name, new.id, new.place, new.stored, tuple(columns))


def of_views(views: Iterable[View], point: Point) -> Iterator[Promise]:
    """What the views of a version that is there promise, read off their queries."""
    for view in views:
        select = parse_one(view.definition).tree
        source = select.get("fromClause", [{}])[0].get("RangeVar", {})
        thing = point.by_name(QualifiedName(source.get("schemaname", ""), source.get("relname", "")))
        columns = [_column(target["ResTarget"], thing) for target in select.get("targetList", ())]
        if thing is not None and None not in columns:
            yield Promise(view.name.name, thing.id, thing.name, thing.stored, tuple(columns))  # type: ignore[arg-type]


def _column(target: Node, thing: Thing | None) -> Column | None:
    fields = target.get("val", {}).get("ColumnRef", {}).get("fields", [{}])
    behind = fields[-1].get("String", {}).get("sval", "")
    cell = thing.by_name(behind) if thing is not None else None
    return Column(target.get("name", behind), cell.id, behind, cell.type) if cell is not None else None
