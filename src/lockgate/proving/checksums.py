"""What a database holds, as one checksum per table: whether rows were lost or changed, and in which column.

The checksum of a table is the number of its rows and the sum of a 64-bit hash over each row's text, so that the order
of rows does not matter; columns go in by name, so that their order does not matter either. Text forms are fixed by the
settings of the transaction. PostgreSQL computes all of it in one query, and only for tables that may have changed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import psycopg

from lockgate.sql.identifiers import QualifiedName, quote
from lockgate.sql.queries import read as read_query

_PACKAGE: Final = "lockgate.proving"


@dataclass(frozen=True, slots=True)
class Mark:
    """What tells that a table still holds the rows it held: its columns, its file, and how many rows were written.

    The counts are the server's statistics, which every session here hands over before it goes idle.
    """

    name: QualifiedName
    columns: tuple[str, ...]
    file: int
    written: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class TableSum:
    """The contents of one table; ``columns`` has a sum for each column, by name."""

    rows: int
    total: int
    columns: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Position:
    """Where a sequence stands: its last value, or None when it was never used; ``oid`` tells a new one of old name."""

    oid: int
    last: int | None
    ascending: bool


@dataclass(frozen=True, slots=True)
class Contents:
    """All rows of a database as checksums, and the positions of its sequences.

    ``transaction`` is the one that had written something when they were read, None when all was committed.
    """

    tables: Mapping[QualifiedName, TableSum]
    sequences: Mapping[QualifiedName, Position]
    marks: Mapping[int, Mark] = field(default_factory=dict, compare=False, repr=False)
    transaction: str | None = field(default=None, compare=False, repr=False)

    def in_clone(self) -> Contents:
        """The same contents as they are known in a database cloned from this one, where nothing was counted yet."""
        marks = {oid: replace(mark, written=(0, 0, 0)) for oid, mark in self.marks.items()}
        return replace(self, marks=marks)

    @property
    def rows(self) -> int:
        """The number of all rows."""
        return sum(table.rows for table in self.tables.values())


def read(
    connection: psycopg.Connection[Any], *, excluded: Sequence[str] = (), before: Contents | None = None
) -> Contents:
    """Read the checksums: every row of every table outside of ``excluded`` schemas, once.

    ``before`` are the contents when they were read last; tables whose mark did not change are taken over from there.
    The connection is in autocommit or in a transaction, as a user who may read everything. Takes AccessShare locks.
    """
    # Rolled back, so that a transaction around it keeps its own settings.
    with connection.transaction(force_rollback=True):
        connection.execute(read_query(_PACKAGE, "fixed_texts"))
        values = {"excluded": list(excluded)}
        shapes = connection.execute(read_query(_PACKAGE, "contents"), values).fetchall()
        positions = connection.execute(read_query(_PACKAGE, "positions"), values).fetchall()
        marks = {shape[0]: _mark(*shape[1:3], *shape[4:]) for shape in shapes}
        transaction = _transaction(connection)
        usable = before is not None and before.transaction in (None, transaction)
        known = _known(marks, before) if before is not None and usable else {}
        wanted = {
            shape[0]: (marks[shape[0]].name, shape[3])
            for shape in shapes
            if marks[shape[0]].name not in known
        }
        sums = connection.execute(_sums_query(wanted)).fetchall() if wanted else []
    fresh = {
        wanted[oid][0]: _table_sum(wanted[oid][1], count, total, parts) for oid, count, total, parts in sums
    }
    sequences = {
        QualifiedName(schema, name): Position(oid, last, ascending)
        for oid, schema, name, last, ascending in positions
    }
    return Contents({**known, **fresh}, sequences, marks, transaction)


def _transaction(connection: psycopg.Connection[Any]) -> str | None:
    # What a transaction counted stays counted when it is taken back, so its marks mean nothing after it.
    row = connection.execute("SELECT pg_current_xact_id_if_assigned()::text").fetchone()
    return row[0] if row else None


def _mark(schema: str, name: str, columns: list[str], file: int, written: list[int]) -> Mark:
    return Mark(QualifiedName(schema, name), tuple(columns), file, tuple(written))


def _known(marks: Mapping[int, Mark], before: Contents) -> dict[QualifiedName, TableSum]:
    return {
        mark.name: before.tables[mark.name]
        for oid, mark in marks.items()
        if before.marks.get(oid) == mark and mark.name in before.tables
    }


def lost(before: Contents, after: Contents) -> Iterator[str]:
    """What of the contents before is not there after, in words; what is only there after counts as well."""
    for name, table in sorted(before.tables.items()):
        now = after.tables.get(name)
        if now is None:
            if table.rows:
                yield f"{_rows(table.rows)} of table {name} are gone with the table"
        elif (table.rows, table.total, table.columns) != (now.rows, now.total, now.columns):
            yield from _changed(name, table, now)
    for name, table in sorted(after.tables.items()):
        if name not in before.tables and table.rows:
            yield f"table {name} with {_rows(table.rows)} was not there before"
    yield from _set_back(before, after)


def _changed(name: QualifiedName, before: TableSum, after: TableSum) -> Iterator[str]:
    if before.rows != after.rows:
        yield f"table {name} held {_rows(before.rows)} and now holds {after.rows}"
        return
    if not before.rows:
        return
    gone = [column for column in before.columns if column not in after.columns]
    if gone:
        yield f"the values of {_columns(gone)} in table {name} are gone"
    other = [column for column, total in before.columns.items() if after.columns.get(column, total) != total]
    if other:
        yield f"the values of {_columns(other)} in table {name} are not those from before"
    elif not gone and set(after.columns) == set(before.columns):
        yield f"the values of table {name} stand in other rows than before"


def _set_back(before: Contents, after: Contents) -> Iterator[str]:
    for name, position in sorted(before.sequences.items()):
        now = after.sequences.get(name)
        if now is None or position.last is None or not _is_behind(now, position):
            continue
        where = "has never been used" if now.last is None else f"stands at {now.last}"
        yield f"sequence {name} stood at {position.last} and now {where}: it would give out old numbers again"


def _is_behind(now: Position, before: Position) -> bool:
    if now.last is None or before.last is None:
        return before.last is not None
    return now.last < before.last if before.ascending else now.last > before.last


def _sums_query(names: Mapping[int, tuple[QualifiedName, Sequence[str]]]) -> str:
    return " UNION ALL ".join(_table_query(oid, *entry) for oid, entry in names.items())


def _table_query(oid: int, name: QualifiedName, columns: Sequence[str]) -> str:
    listed = [quote(column) for column in columns]
    sums = ", ".join(f"sum(hashtextextended(t.{column}::text, 0))" for column in listed)
    row = f"ROW({', '.join(f't.{column}' for column in listed)})::text"
    return (
        f"SELECT {oid}::int8, count(*), sum(hashtextextended({row}, 0)), ARRAY[{sums}]::numeric[]"
        f" FROM ONLY {name.sql} AS t"
    )


def _table_sum(columns: Sequence[str], count: int, total: Any, sums: Sequence[Any]) -> TableSum:
    by_column = {column: int(value or 0) for column, value in zip(columns, sums, strict=True)}
    return TableSum(count, int(total or 0), by_column)


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count:,} rows"


def _columns(names: Sequence[str]) -> str:
    return ("column " if len(names) == 1 else "columns ") + ", ".join(names)
