"""What a statement takes away from a database's rows."""

from __future__ import annotations

from dataclasses import dataclass

from lockgate.sql.identifiers import QualifiedName


@dataclass(frozen=True, slots=True)
class TableRows:
    """All rows of one table itself, its children apart (DROP TABLE, TRUNCATE ONLY)."""

    table: QualifiedName


@dataclass(frozen=True, slots=True)
class ColumnValues:
    """The values of some columns in every row (DROP COLUMN, a change of type that loses information)."""

    table: QualifiedName
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SequencePosition:
    """Where a sequence stands (DROP SEQUENCE, DROP IDENTITY)."""

    sequence: QualifiedName


@dataclass(frozen=True, slots=True)
class Truncated:
    """All rows of a table and its children; ``restarted`` are sequences that begin anew."""

    table: QualifiedName
    only: bool = False
    restarted: tuple[QualifiedName, ...] = ()


@dataclass(frozen=True, slots=True)
class Inserted:
    """Rows that come; ``sql`` is the INSERT, without RETURNING."""

    table: QualifiedName
    sql: str


@dataclass(frozen=True, slots=True)
class Deleted:
    """Rows that go; ``sql`` is the DELETE without RETURNING, ``alias`` what it calls the table.

    ``condition`` is its WHERE with everything it joins, as SQL.
    """

    table: QualifiedName
    sql: str
    alias: str
    condition: str | None = None


@dataclass(frozen=True, slots=True)
class Updated:
    """Values of some columns in some rows.

    ``alias`` is what the UPDATE calls the table, ``condition`` its WHERE with everything it joins, as SQL.
    """

    table: QualifiedName
    columns: tuple[str, ...]
    alias: str
    condition: str | None


@dataclass(frozen=True, slots=True)
class Anything:
    """Whatever a statement may do to the rows of some tables (DO blocks, MERGE, cascades, triggers)."""

    tables: tuple[QualifiedName, ...]


@dataclass(frozen=True, slots=True)
class Unknown:
    """Something that cannot be told, and why."""

    reason: str


Loss = (
    TableRows
    | ColumnValues
    | SequencePosition
    | Truncated
    | Inserted
    | Deleted
    | Updated
    | Anything
    | Unknown
)
