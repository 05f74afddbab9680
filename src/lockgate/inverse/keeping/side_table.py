"""The side tables that keep rows: their names, columns, rights, limit and date."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from lockgate.catalog.model import Column, Index, Table
from lockgate.catalog.snapshot import Snapshot
from lockgate.inverse.model import Setting
from lockgate.sql.identifiers import QualifiedName, derived_name, literal, quote

SCHEMA = "lockgate"
ROW = "lockgate_row"
"""The column of a side table that holds a whole row as text."""
MANY = 3
"""More columns than this are counted instead of named."""


@dataclass(slots=True)
class Keeper:
    """Makes side tables for one statement; ``before`` is the schema that the statement finds."""

    setting: Setting
    before: Snapshot
    statement: int
    _numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def name(self, ending: str = "") -> QualifiedName:
        """The next free name; it says the version, the statement (from 1) and a running number."""
        number = f"{self.statement + 1}_{next(self._numbers)}{ending}"
        return QualifiedName(SCHEMA, derived_name("kept", self.setting.version or "0", number))

    def finish(self, tables: Iterable[QualifiedName], what: str) -> tuple[str, ...]:
        """Close side tables to everybody else, check their size against the limit, and note when they may go."""
        lines = tuple(line for table in tables for line in self._finish(table, what))
        return (*lines, "SET LOCAL row_security TO DEFAULT")

    def _finish(self, table: QualifiedName, what: str) -> tuple[str, ...]:
        policy, name = self.setting.policy, table.sql
        limit = megabytes(policy.limit_bytes)
        hint = "Raise --keep-limit of lockgate rollback write, or take a backup and declare it irreversible."
        text = f"lockgate keeps {what} for the rollback of {self.setting.version}; it may go after "
        guard = (
            "DO $keep$ BEGIN\n"
            f"  IF pg_catalog.pg_total_relation_size({literal(name).strip()}) > {policy.limit_bytes} THEN\n"
            f"    RAISE EXCEPTION {literal('what the rollback needs takes more than ' + limit).strip()}\n"
            f"      USING HINT = {literal(hint).strip()};\n"
            "  END IF;\n"
            f"  EXECUTE pg_catalog.format('COMMENT ON TABLE {_percent(name)} IS %L',\n"
            f"    {literal(text).strip()} || (pg_catalog.now() + interval '{policy.days} days')::date);\n"
            "END $keep$"
        )
        return (
            f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY",
            f"REVOKE ALL ON TABLE {name} FROM PUBLIC",
            guard,
        )


def _percent(name: str) -> str:
    """A name inside the single-quoted format of ``format()``."""
    return name.replace("%", "%%").replace("'", "''")


def megabytes(size: int) -> str:
    """A size in words."""
    for unit, factor in (("GB", 1 << 30), ("MB", 1 << 20), ("kB", 1 << 10)):
        if size >= factor:
            return f"{size / factor:.0f} {unit}"
    return f"{size} bytes"


PREPARE = (f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}", "SET LOCAL row_security = off")
"""Before anything is kept. With row security on, a copy could silently miss the rows that its maker may not see."""


def kept_value(column: Column, alias: str = "") -> str:
    """A column's value as it is kept.

    Values of types that somebody made are kept as text: a side table that used the type would be dropped with it, or
    stop it from being changed.
    """
    name = f"{alias}.{quote(column.column)}" if alias else quote(column.column)
    if "." not in column.type and not _is_foreign(column.collation):
        return name
    return f'{name}::text COLLATE pg_catalog."default" AS {quote(column.column)}'


def _is_foreign(collation: str | None) -> bool:
    return collation is not None and not collation.startswith("pg_catalog.")


def kept_values(columns: Sequence[Column], alias: str = "") -> str:
    """All values of a row as they are kept; one constant for a table without columns, whose rows only count."""
    return ", ".join(kept_value(column, alias) for column in columns) or f"''::text AS {ROW}"


def insert_back(table: Table, columns: Sequence[Column], side: QualifiedName) -> str:
    """Kept rows into their table."""
    if not columns:
        return f"INSERT INTO {table.name.sql} SELECT FROM {side.sql}"
    returning = ", ".join(given_back(column, "kept") for column in columns)
    return (
        f"INSERT INTO {table.name.sql} ({names(columns)}) OVERRIDING SYSTEM VALUE\n"
        f"SELECT {returning} FROM {side.sql} AS kept"
    )


def given_back(column: Column, alias: str) -> str:
    """A kept value as the column takes it."""
    cast = f"::{column.type}" if "." in column.type else ""
    return f"{alias}.{quote(column.column)}{cast}"


def stored(table: Table) -> tuple[Column, ...]:
    """The columns that hold values of their own: all but generated ones."""
    return tuple(column for column in table.columns if column.generated is None)


def key_of(snapshot: Snapshot, table: QualifiedName, without: Sequence[str] = ()) -> tuple[str, ...] | None:
    """Columns that tell every row of a table from all others, none of them among ``without``; the primary key first."""
    relation = snapshot.tables.get(table)
    if relation is None:
        return None
    not_null = {column.column for column in relation.columns if column.not_null}
    unique = [index for index in snapshot.indexes_of(table) if _identifies(index, not_null)]
    keys = [index.columns for index in sorted(unique, key=lambda index: not index.primary)]
    return next((key for key in keys if not set(key) & set(without)), None)


def _identifies(index: Index, not_null: set[str]) -> bool:
    if not (index.unique and index.valid) or index.predicate or index.has_expressions:
        return False
    return bool(index.columns) and set(index.columns) <= not_null


def matches(key: Sequence[str], one: str, other: str, table: Table) -> str:
    """The condition that two rows have the same key; ``other`` is a side table."""
    columns = [column for name in key if (column := table.column(name))]
    return " AND ".join(f"{one}.{quote(c.column)} = {given_back(c, other)}" for c in columns)


def whole_row(columns: Iterable[Column], alias: str) -> str:
    """All values of a row as one text: what tells rows apart where there is no key."""
    values = ", ".join(f"{alias}.{quote(column.column)}::text" for column in columns)
    return f"ROW({values})::text" if values else "''::text"


def in_words(table: QualifiedName, columns: Sequence[Column]) -> str:
    """Columns in a sentence: by name, or counted where they are many."""
    if len(columns) > MANY:
        return f"{len(columns)} columns of {table}"
    return ", ".join(f"{table}.{column.column}" for column in columns)


def names(columns: Iterable[Column]) -> str:
    """Column names as SQL."""
    return ", ".join(quote(column.column) for column in columns)
