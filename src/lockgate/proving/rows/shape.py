"""What row generation must know about tables and types, read from a live catalog as frozen values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import psycopg

from lockgate.sql.identifiers import QualifiedName
from lockgate.sql.queries import read as read_query

_PACKAGE: Final = "lockgate.proving.rows"


@dataclass(frozen=True, slots=True)
class TypeUse:
    """A type together with its modifier, as a column or an attribute uses it."""

    oid: int
    typmod: int = -1


@dataclass(frozen=True, slots=True)
class TypeShape:
    """A type. ``kind`` is ``pg_type.typtype``; ``part`` is the subtype of a range or the range of a multirange.

    ``base_sql`` is the base type of a domain with its modifier, schema-qualified.
    """

    oid: int
    name: str
    sql: str
    kind: str
    base: TypeUse | None = None
    base_sql: str = ""
    not_null: bool = False
    element: int = 0
    labels: tuple[str, ...] = ()
    part: int = 0
    attributes: tuple[TypeUse, ...] = ()
    checks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ColumnShape:
    """A column that may be written to; ``sql`` is its type with modifiers, schema-qualified."""

    number: int
    name: str
    use: TypeUse
    sql: str
    not_null: bool
    has_default: bool
    identity: str
    generated: str


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """A foreign key, all columns by name; ``target`` is the oid of ``target_name``."""

    name: str
    columns: tuple[str, ...]
    target: int
    target_name: QualifiedName
    target_columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Check:
    """A condition that every row must not make false, and the columns it reads."""

    name: str
    expression: str
    columns: frozenset[str]


@dataclass(frozen=True, slots=True)
class TableShape:
    """A table that holds rows itself (a partition, but not a partitioned table); ``ancestors`` are its roots."""

    oid: int
    name: QualifiedName
    columns: tuple[ColumnShape, ...]
    checks: tuple[Check, ...] = ()
    foreign_keys: tuple[ForeignKey, ...] = ()
    uniques: tuple[frozenset[str], ...] = ()
    ancestors: tuple[int, ...] = ()

    @property
    def is_partition(self) -> bool:
        """Whether a partitioned table leads here."""
        return bool(self.ancestors)

    @property
    def writable(self) -> tuple[ColumnShape, ...]:
        """The columns that an INSERT may name."""
        return tuple(column for column in self.columns if not column.generated)

    def column(self, name: str) -> ColumnShape:
        """The column of that name."""
        return next(column for column in self.columns if column.name == name)

    def is_unique(self, column: str) -> bool:
        """Whether some unique or exclusion constraint reads a column."""
        return any(column in columns for columns in self.uniques)


PARTITION_CHECK = "partition bound"
"""The name that the bound of a partition bears among its checks."""


def read_tables(
    connection: psycopg.Connection[Any], *, excluded: Sequence[str] = (), only: Iterable[int] | None = None
) -> tuple[TableShape, ...]:
    """All tables that can hold rows and belong to no extension; ``only`` restricts by oid.

    The session's ``search_path`` must be ``pg_catalog``, so that every name in an expression comes qualified.
    """
    parameters = {"excluded": list(excluded), "only": None if only is None else list(only)}
    rows = connection.execute(read_query(_PACKAGE, "tables"), parameters).fetchall()
    return tuple(_table(*row) for row in rows)


def column_numbers(
    connection: psycopg.Connection[Any], *, excluded: Sequence[str] = ()
) -> dict[int, frozenset[int]]:
    """The numbers of the columns of every table that :func:`read_tables` may know, by the table's oid."""
    rows = connection.execute(read_query(_PACKAGE, "columns"), {"excluded": list(excluded)}).fetchall()
    return {oid: frozenset(numbers or ()) for oid, numbers in rows}


def read_types(connection: psycopg.Connection[Any], tables: Iterable[TableShape]) -> dict[int, TypeShape]:
    """The types of all columns of some tables, and what they are made of, by oid."""
    oids = {column.use.oid for table in tables for column in table.columns}
    if not oids:
        return {}
    rows = connection.execute(read_query(_PACKAGE, "types"), {"types": sorted(oids)}).fetchall()
    return {row[0]: _type(*row) for row in rows}


def _table(
    oid: int,
    schema: str,
    name: str,
    bound: str | None,
    ancestors: list[int] | None,
    columns: list[dict[str, Any]] | None,
    constraints: list[dict[str, Any]] | None,
    uniques: list[list[int]] | None,
) -> TableShape:
    shapes = tuple(_column(column) for column in columns or ())
    names = {column.number: column.name for column in shapes}
    checks = [_check(entry, names) for entry in constraints or () if entry["kind"] == "c"]
    if bound:
        checks.append(Check(PARTITION_CHECK, bound, _mentioned(bound, names)))
    return TableShape(
        oid=oid,
        name=QualifiedName(schema, name),
        columns=shapes,
        checks=tuple(checks),
        foreign_keys=tuple(_foreign_key(entry, names) for entry in constraints or () if entry["kind"] == "f"),
        uniques=tuple(frozenset(names[number] for number in key if number) for key in uniques or ()),
        ancestors=tuple(ancestors or ()),
    )


def _column(entry: Mapping[str, Any]) -> ColumnShape:
    return ColumnShape(
        number=entry["number"],
        name=entry["name"],
        use=TypeUse(entry["type"], entry["typmod"]),
        sql=entry["sql"],
        not_null=entry["not_null"],
        has_default=entry["default"],
        identity=entry["identity"],
        generated=entry["generated"],
    )


def _check(entry: Mapping[str, Any], names: Mapping[int, str]) -> Check:
    # A zero stands for the whole row: such a check may read any column.
    numbers = entry["columns"] or []
    columns = names.values() if 0 in numbers else (names[number] for number in numbers)
    return Check(entry["name"], entry["expression"], frozenset(columns))


def _foreign_key(entry: Mapping[str, Any], names: Mapping[int, str]) -> ForeignKey:
    return ForeignKey(
        name=entry["name"],
        columns=tuple(names[number] for number in entry["columns"]),
        target=entry["target"],
        target_name=QualifiedName(*entry["target_name"]),
        target_columns=tuple(entry["target_columns"]),
    )


def _mentioned(expression: str, names: Mapping[int, str]) -> frozenset[str]:
    from lockgate.proving.rows.hints import column_names

    return column_names(expression) & set(names.values())


def _type(
    oid: int,
    name: str,
    sql: str,
    kind: str,
    base: int,
    base_sql: str | None,
    typmod: int,
    not_null: bool,
    element: int,
    labels: list[str] | None,
    part: int,
    attributes: list[list[int]] | None,
    checks: list[str] | None,
) -> TypeShape:
    return TypeShape(
        oid=oid,
        name=name,
        sql=sql,
        kind=kind,
        base=TypeUse(base, typmod) if base else None,
        base_sql=base_sql or "",
        not_null=not_null,
        element=element,
        labels=tuple(labels or ()),
        part=part,
        attributes=tuple(TypeUse(oid, typmod) for oid, typmod in attributes or ()),
        checks=tuple(checks or ()),
    )
