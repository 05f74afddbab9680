"""What the new table shall be, and what of the old one stands in the way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lockgate.catalog.address import Address, Kind
from lockgate.catalog.model import Constraint, Publication, Table
from lockgate.catalog.snapshot import Snapshot
from lockgate.sql.identifiers import QualifiedName

_OWN: frozenset[Kind] = frozenset(
    {Kind.COLUMN, Kind.DEFAULT, Kind.CONSTRAINT, Kind.TRIGGER, Kind.POLICY, Kind.INDEX, Kind.SEQUENCE}
)
_UNIQUE = ("primary key", "unique", "exclude")


@dataclass(frozen=True, slots=True)
class Shape:
    """How the new table differs: words before TABLE, words behind the columns, and the partitions that it begins with.

    ``key`` is the columns that divide a partitioned table; ``partitions`` are (suffix of the name, bound). ``logging``
    is ``LOGGED`` or ``UNLOGGED`` where that changes, for the sequences too. ``columns`` (definitions) and
    ``constraints`` (name, definition) are what the new table has besides, from its beginning.
    """

    before: str = ""
    behind: str = ""
    key: tuple[str, ...] = ()
    partitions: tuple[tuple[str, str], ...] = ()
    logging: str = ""
    columns: tuple[str, ...] = ()
    constraints: tuple[tuple[str, str], ...] = ()


def obstacles(snapshot: Snapshot, table: Table, shape: Shape) -> tuple[str, ...]:
    """Why the table cannot be exchanged for a new one, as words; empty where it can."""
    return tuple(
        dict.fromkeys(
            [*_of_table(snapshot, table), *_of_keys(snapshot, table, shape), *_held(snapshot, table)]
        )
    )


def _of_table(snapshot: Snapshot, table: Table) -> Iterator[str]:
    key = snapshot.primary_key(table.name)
    if key is None:
        yield "it has no primary key"
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


def _held(snapshot: Snapshot, table: Table) -> Iterator[str]:
    """What other objects have of the table: they would go on with the old one."""
    for address in sorted(_dependents(snapshot, table)):
        item = snapshot.get(address)
        if isinstance(item, Publication):
            yield from _published(item, table)
        elif isinstance(item, Constraint) and item.name != table.name:
            yield f"{address} refers to it"
        elif not _is_own(address, snapshot, table):
            yield f"{address} depends on it"


def _dependents(snapshot: Snapshot, table: Table) -> set[Address]:
    place = (table.name.schema, table.name.name)
    needed = [
        Address(table.kind, *place),
        *(Address(Kind.COLUMN, *place, name) for name in table.column_names),
    ]
    found = {one for address in needed for one in snapshot.dependents.get(address, ())}
    return found | {constraint.address for constraint in snapshot.references_to(table.name)}


def _is_own(address: Address, snapshot: Snapshot, table: Table) -> bool:
    if address.kind is Kind.INDEX:
        return any(index.address == address for index in snapshot.indexes_of(table.name))
    if address.kind is Kind.SEQUENCE:
        return any(found.address == address for found in snapshot.sequences_of(table.name))
    return address.kind in _OWN and address.qualified == table.name


def _published(publication: Publication, table: Table) -> Iterator[str]:
    for entry in publication.tables:
        if entry.table == table.name and (entry.columns or entry.where):
            yield f"publication {publication.address.name} has a column list or a row filter on it"


def publications(snapshot: Snapshot, name: QualifiedName) -> tuple[str, ...]:
    """The publications that name a table."""
    return tuple(
        found.address.name
        for found in snapshot.of_type(Publication)
        if any(entry.table == name for entry in found.tables)
    )
