"""What the new table shall be, and what of the old one stands in the way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from types import MappingProxyType

from lockgate.catalog.address import Kind
from lockgate.catalog.model import Table
from lockgate.catalog.snapshot import Snapshot
from lockgate.planning.rebuild import dependents, references
from lockgate.planning.rebuild.retype import Retype


@dataclass(frozen=True, slots=True)
class Shape:
    """How the new table differs: words before TABLE, words behind the columns, and the partitions that it begins with.

    ``key`` is the columns that divide a partitioned table; ``partitions`` are (suffix of the name, bound). ``logging``
    is ``LOGGED`` or ``UNLOGGED`` where that changes, for the sequences too. ``commands`` (of ALTER TABLE) are carried
    out while the new table is empty, and ``constraints`` (name, definition) are what it has besides. ``retype`` is a
    column that has another type there, ``clustered`` the index that CLUSTER without a name goes by from then on.
    """

    before: str = ""
    behind: str = ""
    key: tuple[str, ...] = ()
    partitions: tuple[tuple[str, str], ...] = ()
    logging: str = ""
    commands: tuple[str, ...] = ()
    constraints: tuple[tuple[str, str], ...] = ()
    retype: Retype | None = None
    clustered: str = ""

    @property
    def retyped(self) -> str | None:
        """The name of the column that has another type."""
        return self.retype.column if self.retype is not None else None


def with_mark(snapshot: Snapshot, table: Table, index: str) -> Snapshot:
    """The schema in which CLUSTER goes by one index of a table and by no other."""
    marked = {
        one.address: replace(one, clustered=one.name.name == index) for one in snapshot.indexes_of(table.name)
    }
    return replace(snapshot, objects=MappingProxyType({**snapshot.objects, **marked}))


def obstacles(snapshot: Snapshot, table: Table, shape: Shape) -> tuple[str, ...]:
    """Why the table cannot be exchanged for a new one, as words; empty where it can."""
    reasons = (
        *_of_table(snapshot, table),
        *_of_keys(snapshot, table, shape),
        *references.obstacles(snapshot, table, shape.key),
        *dependents.obstacles(snapshot, table, shape.retyped),
        *(shape.retype.obstacles() if shape.retype is not None else ()),
    )
    return tuple(dict.fromkeys(reasons))


def _of_table(snapshot: Snapshot, table: Table) -> Iterator[str]:
    key = snapshot.primary_key(table.name)
    if key is None:
        yield "it has no primary key"
    elif key.deferrable:
        yield "its primary key is deferrable, by which no copy finds the row that is there already"
    for column in table.columns:
        if key is not None and column.column in key.columns and "." in column.type:
            yield f"its key is of the type {column.type}, whose equality needs a search path"
    if table.is_partition or table.inherits or table.is_partitioned or snapshot.children(table.name):
        yield "it is a partition, or has partitions or children"
    if table.of_type or table.kind is not Kind.TABLE:
        yield "it is no plain table"
    if table.force_row_security:
        yield "row-level security is forced on its owner, who has to keep the two in step"


def _of_keys(snapshot: Snapshot, table: Table, shape: Shape) -> Iterator[str]:
    for found in snapshot.constraints_of(table.name):
        if shape.key and found.type in ("unique", "exclude") and not set(shape.key) <= set(found.columns):
            yield f"constraint {found.constraint} does not hold the columns of the partition key"
    for index in snapshot.indexes_of(table.name):
        alone = index.unique and index.constraint is None
        if shape.key and alone and not set(shape.key) <= set(index.columns):
            yield f"unique index {index.name.name} does not hold the columns of the partition key"
