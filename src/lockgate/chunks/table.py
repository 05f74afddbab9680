"""What there is to know about a table before it is walked: size, keys, order on disk, indexes, triggers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg.rows import dict_row

from lockgate.errors import UnfitTargetError
from lockgate.sql import queries
from lockgate.sql.identifiers import QualifiedName

Connection = psycopg.Connection[Any]


@dataclass(frozen=True, slots=True)
class Column:
    """One column; ``correlation`` (-1 to 1) compares its order with the order on disk, None when unknown."""

    name: str
    type: str
    not_null: bool
    generated: bool
    correlation: float | None
    made_from: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Index:
    """One index; ``touched_columns`` are all on which it depends, ``key_columns`` its plain key columns."""

    name: str
    method: str
    is_primary: bool
    is_unique: bool
    valid: bool
    immediate: bool
    partial: bool
    expression: bool
    key_columns: tuple[str, ...]
    touched_columns: tuple[str, ...]
    ordinary_order: bool


@dataclass(frozen=True, slots=True)
class Trigger:
    """One enabled trigger; ``keeps_constraint`` marks those that the server made for a foreign key."""

    name: str
    function: str
    for_each_row: bool
    before: bool
    on_insert: bool
    on_delete: bool
    on_update: bool
    of_columns: tuple[str, ...]
    always: bool
    keeps_constraint: bool


@dataclass(frozen=True, slots=True)
class Key:
    """Columns that are unique and never null, by an index that can be read in their order."""

    index: str
    columns: tuple[Column, ...]
    is_primary: bool

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns, in order."""
        return tuple(column.name for column in self.columns)

    @property
    def correlated(self) -> bool:
        """Whether the order of the key is by and large the order on disk.

        Without statistics a uuid counts as random and everything else as ascending with time.
        """
        first = self.columns[0]
        if first.correlation is None:
            return first.type != "uuid"
        return abs(first.correlation) >= 0.5


@dataclass(frozen=True, slots=True)
class Table:
    """The facts about one table; ``rows`` is the planner's estimate, ``leaves`` the oids of its partitions."""

    oid: int
    name: QualifiedName
    kind: str
    filenode: int | None
    bytes: int
    block_size: int
    cache_bytes: int
    fillfactor: int
    row_security: bool
    inherited: bool
    rows: int
    columns: tuple[Column, ...]
    indexes: tuple[Index, ...]
    triggers: tuple[Trigger, ...]
    leaves: tuple[int, ...]

    @property
    def partitioned(self) -> bool:
        """Whether it holds its rows in partitions."""
        return self.kind == "p"

    @property
    def pages(self) -> int:
        """Pages of the heap, of all partitions together."""
        return self.bytes // self.block_size

    @property
    def cached(self) -> bool:
        """Whether it fits into half of the server's cache, so that pages may be visited in any order."""
        return self.bytes <= self.cache_bytes / 2

    @property
    def rows_per_page(self) -> float:
        """How many rows stand on a page, at least one."""
        return max(1.0, self.rows / self.pages) if self.pages else 1.0

    def column(self, name: str) -> Column | None:
        """A column by name."""
        return next((column for column in self.columns if column.name == name), None)

    def touched_by(self, changed: frozenset[str]) -> frozenset[str]:
        """The changed columns and the generated ones that are made from them."""
        made = {column.name for column in self.columns if changed & set(column.made_from)}
        return changed | made

    def indexes_on(self, changed: frozenset[str]) -> tuple[str, ...]:
        """The indexes that an update of these columns has to write to; BRIN does not count, as it keeps HOT."""
        touched = self.touched_by(changed)
        return tuple(i.name for i in self.indexes if i.method != "brin" and touched & set(i.touched_columns))


def resolve(connection: Connection, relation: str) -> int:
    """The oid of a relation by its (quoted) name, seen with the current search path; raises UnfitTargetError."""
    row = connection.execute("SELECT to_regclass(%s)::oid::bigint", [relation]).fetchone()
    if row is None or row[0] is None:
        raise UnfitTargetError(
            f"There is no table {relation}.",
            state="nothing was changed",
            next_steps=["check the name, its schema and the search path"],
        )
    return int(row[0])


def read_table(connection: Connection, oid: int) -> Table:
    """Read the facts; raises UnfitTargetError for what cannot be walked (a view, a foreign table …)."""
    with connection.cursor(row_factory=dict_row) as cursor:
        facts = cursor.execute(_query("table"), {"table": oid}).fetchone()
        if facts is None:
            raise UnfitTargetError("The table is not there any more.", state="nothing was changed")
        name = QualifiedName(facts["schema"], facts["name"])
        _refuse_what_is_no_table(name, facts)
        columns = [Column(**_tuples(row)) for row in cursor.execute(_query("columns"), {"table": oid})]
        indexes = [Index(**_tuples(row)) for row in cursor.execute(_query("indexes"), {"table": oid})]
        triggers = [Trigger(**_tuples(row)) for row in cursor.execute(_query("triggers"), {"table": oid})]
    fields = (
        "oid",
        "kind",
        "filenode",
        "bytes",
        "block_size",
        "cache_bytes",
        "fillfactor",
        "row_security",
        "inherited",
    )
    return Table(
        **{field: facts[field] for field in fields},
        name=name,
        rows=estimated_rows(connection, f"SELECT 1 FROM {name.sql}"),
        columns=tuple(columns),
        indexes=tuple(indexes),
        triggers=tuple(triggers),
        leaves=tuple(facts["leaves"]),
    )


def estimated_rows(connection: Connection, query: str) -> int:
    """How many rows the planner expects of a query."""
    row = connection.execute(f"EXPLAIN (FORMAT JSON) {query}".encode()).fetchone()
    assert row is not None
    return int(row[0][0]["Plan"]["Plan Rows"])


_KINDS = {
    "v": "a view",
    "m": "a materialized view",
    "f": "a foreign table",
    "S": "a sequence",
    "i": "an index",
    "I": "an index",
    "c": "a type",
    "t": "a TOAST table",
}


def _refuse_what_is_no_table(name: QualifiedName, facts: dict[str, Any]) -> None:
    if facts["kind"] not in ("r", "p"):
        raise UnfitTargetError(
            f"{name} is {_KINDS.get(facts['kind'], 'no table')}; only tables can be walked in chunks.",
            state="nothing was changed",
            next_steps=["name the table that holds the rows"],
        )
    if not facts["may_select"]:
        raise UnfitTargetError(
            f"This role may not read {name}.",
            state="nothing was changed",
            next_steps=[f"GRANT SELECT ON {name.sql} to the role, or connect as the owner"],
        )


def _tuples(row: dict[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in row.items()}


def _query(name: str) -> Any:
    return queries.read("lockgate.chunks", name)
