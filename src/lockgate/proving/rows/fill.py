"""Fill every table of a database with rows that fulfil its constraints, and say which could not be filled and why."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Final

import psycopg

from lockgate.proving.rows.candidates import Solver, learn_types
from lockgate.proving.rows.components import components
from lockgate.proving.rows.compose import Composer, Manner, Unset, Value
from lockgate.proving.rows.judge import attempt
from lockgate.proving.rows.order import filling_order
from lockgate.proving.rows.shape import (
    ColumnShape,
    ForeignKey,
    TableShape,
    column_numbers,
    read_tables,
    read_types,
)
from lockgate.proving.rows.values import Values
from lockgate.sql.identifiers import QualifiedName, literal, quote
from lockgate.sql.queries import read as read_query

ROWS: Final = 12
PARTITION_ROWS: Final = 4

_NEW_ROWS: Final = range(600, 604)
"""The numbers of rows that come later: an ordinary one, one that leaves out what it may, two hostile ones."""


@dataclass(frozen=True, slots=True)
class Filled:
    """What became of one table: how many rows it got, and if there are none, why."""

    table: QualifiedName
    rows: int
    reason: str | None = None


@dataclass(slots=True)
class Filler:
    """Fills a database now, and again after its schema has changed: then only what is new.

    Rows are written past triggers and foreign keys (``session_replication_role = replica``, which needs a superuser);
    foreign keys are kept by choosing existing keys. ``excluded`` are schemas to leave alone.
    """

    manner: Manner = Manner.HOSTILE
    rows: int = ROWS
    excluded: tuple[str, ...] = ()
    _values: Values | None = None
    _known: dict[int, frozenset[int]] = field(default_factory=dict)

    def fill(self, connection: psycopg.Connection[Any]) -> tuple[Filled, ...]:
        """Give rows to empty tables that were not seen before, and values to columns that are new since.

        The connection is in autocommit; what is written is committed at once.
        """
        with connection.transaction(), _apart(connection):
            now = column_numbers(connection, excluded=self.excluded)
            changed = [
                oid for oid, numbers in now.items() if oid not in self._known or numbers - self._known[oid]
            ]
            result = self._fill_changed(connection, changed) if changed else ()
            self._known = now
        return result

    def add(
        self, connection: psycopg.Connection[Any], names: Collection[QualifiedName]
    ) -> dict[QualifiedName, int]:
        """Write a few more rows, hostile ones among them, into some tables; how many each of them took.

        As if an application had gone on working: with the schema as it is now, NULL where that is allowed.
        """
        with connection.transaction(), _apart(connection):
            wanted = read_tables(connection, excluded=self.excluded, only=_oids(connection, names))
            self._learn(connection, wanted)
            solver = Solver(connection, self._source)
            return {table.name: self._add_to(solver, table) for table in self._strictly(wanted)}

    def _add_to(self, solver: Solver, table: TableShape) -> int:
        solutions = {
            component: solver.solve(table, component, frozenset()) for component in components(table)
        }
        if not all(solutions.values()):
            return 0
        composer = Composer(table, self._source, solutions)
        if composer.missing() is not None:
            return 0
        return sum(
            _insert_one(solver.connection, table, composer, number, self.manner)[0] for number in _NEW_ROWS
        )

    def _fill_changed(
        self, connection: psycopg.Connection[Any], changed: Sequence[int]
    ) -> tuple[Filled, ...]:
        tables = read_tables(connection, excluded=self.excluded, only=changed)
        self._learn(connection, tables)
        tables = self._strictly(tables)
        fresh = [table for table in tables if table.oid not in self._known]
        solver = Solver(connection, self._source)
        result = tuple(self._fill_all(solver, [table for table in fresh if _is_empty(connection, table)]))
        for table in tables:
            if table.oid in self._known:
                with attempt(connection):
                    self._fill_columns(solver, table)
        return result

    def _new_columns(self, table: TableShape) -> list[ColumnShape]:
        return [column for column in table.writable if column.number not in self._known[table.oid]]

    def _learn(self, connection: psycopg.Connection[Any], tables: Sequence[TableShape]) -> None:
        types = read_types(connection, tables)
        if self._values is None:
            self._values = Values(types, connection.info.server_version // 10000)
        self._values.learn(types)
        learn_types(
            connection, self._values, [shape for shape in self._values.parts_first() if shape.oid in types]
        )

    def _strictly(self, tables: Iterable[TableShape]) -> tuple[TableShape, ...]:
        """The tables with every column NOT NULL whose domain forbids NULL."""
        return tuple(
            replace(
                table,
                columns=tuple(
                    replace(column, not_null=column.not_null or self._source.refuses_null(column.use))
                    for column in table.columns
                ),
            )
            for table in tables
        )

    def _fill_all(self, solver: Solver, tables: Sequence[TableShape]) -> Iterator[Filled]:
        circular = False
        by_oid = {table.oid: table for table in tables}
        for table, absent in filling_order(tables):
            for key in table.foreign_keys:
                if key.target in absent and key.target in by_oid:
                    self._predict(by_oid[key.target], key, solver)
            circular = circular or bool(absent)
            yield self._fill_or_say_why(solver, table, absent)
        if circular:
            _mend(solver.connection, tables)

    def _predict(self, target: TableShape, key: ForeignKey, solver: Solver) -> None:
        """The keys that the rows of a table will have, where no constraint has a say in them."""
        bound = {name for component in components(target) for name in component.columns}
        columns = [target.column(name) for name in key.target_columns]
        if bound & set(key.target_columns) or any(column.generated for column in columns):
            return
        rows = tuple(
            tuple(self._plain(target, column, number) for column in columns)
            for number in range(self._count(target))
        )
        if all(None not in row for row in rows):
            solver.predicted[target.oid, key.target_columns] = rows

    def _plain(self, table: TableShape, column: ColumnShape, number: int) -> str | None:
        return self._source.plain(column.use, number, distinct=table.is_unique(column.name))

    @property
    def _source(self) -> Values:
        assert self._values is not None
        return self._values

    def _count(self, table: TableShape) -> int:
        return min(self.rows, PARTITION_ROWS) if table.is_partition else self.rows

    def _fill_or_say_why(self, solver: Solver, table: TableShape, absent: frozenset[int]) -> Filled:
        with attempt(solver.connection) as trial:
            return self._fill_table(solver, table, absent)
        return Filled(table.name, 0, f"the server refuses to be asked: {_short(trial.error)}")

    def _fill_table(self, solver: Solver, table: TableShape, absent: frozenset[int]) -> Filled:
        solutions = {}
        for component in components(table):
            solutions[component] = solver.solve(table, component, absent)
            if not solutions[component]:
                return Filled(table.name, 0, _unsolved(component.columns, component.foreign_keys))
        pinned = frozenset(name for oid, names in solver.predicted if oid == table.oid for name in names)
        composer = Composer(table, self._source, solutions, pinned)
        missing = composer.missing()
        if missing is not None:
            return Filled(table.name, 0, f"no value of type {missing.sql} is known for column {missing.name}")
        return self._insert(solver.connection, table, composer)

    def _insert(self, connection: psycopg.Connection[Any], table: TableShape, composer: Composer) -> Filled:
        numbers = range(self._count(table))
        rows = [row for number in numbers if (row := composer.row(number, self.manner)) is not None]
        written = 0
        with attempt(connection) as whole:
            written = insert(connection, table, rows)
        error = whole.error
        if error is not None:
            for number in numbers:
                one, refusal = _insert_one(connection, table, composer, number, self.manner)
                written, error = written + one, refusal or error
        reason = None if written else f"the server refuses every row: {_short(error)}"
        return Filled(table.name, written, reason)

    def _fill_columns(self, solver: Solver, table: TableShape) -> None:
        """Give the first rows of a table values in its new columns, as far as the server accepts them."""
        new = {column.name for column in self._new_columns(table)}
        bound = [component for component in components(table) if new & set(component.columns)]
        solutions = {component: solver.solve(table, component, frozenset()) for component in bound}
        composer = Composer(table, self._source, {c: rows for c, rows in solutions.items() if rows})
        unsolved = {name for component, rows in solutions.items() if not rows for name in component.columns}
        names = [column.name for column in table.writable if column.name in new - unsolved]
        places = _places(solver.connection, table, self._count(table)) if names else []
        for number, place in enumerate(places):
            row = composer.row(number, self.manner)
            if row is not None:
                _update(solver.connection, table, place, {name: row[name] for name in names})


def _oids(connection: psycopg.Connection[Any], names: Iterable[QualifiedName]) -> list[int]:
    query = "SELECT to_regclass(name)::oid::int8 FROM unnest(%s::text[]) AS name"
    found = connection.execute(query, ([name.sql for name in names],)).fetchall()
    return [oid for (oid,) in found if oid is not None]


def count_rows(
    connection: psycopg.Connection[Any], names: Iterable[QualifiedName]
) -> dict[QualifiedName, int]:
    """How many rows some tables have now; those that are gone are left out. Reads them whole."""
    found: dict[QualifiedName, int] = {}
    for name in names:
        if _oids(connection, [name]):
            (found[name],) = connection.execute(f"SELECT count(*) FROM ONLY {name.sql}").fetchone() or (0,)
    return found


def insert(
    connection: psycopg.Connection[Any], table: TableShape, rows: Sequence[Mapping[str, Value]]
) -> int:
    """Insert rows in one statement and return how many were new to every unique constraint."""
    if not rows:
        return 0
    names = list(rows[0])
    if not names:
        return connection.execute(f"INSERT INTO {table.name.sql} DEFAULT VALUES").rowcount
    listed = ", ".join(f"({', '.join(_sql(row[name]) for name in names)})" for row in rows)
    columns = ", ".join(map(quote, names))
    target = f"{table.name.sql} ({columns}) OVERRIDING SYSTEM VALUE"
    statement = f"INSERT INTO {target} VALUES {listed} ON CONFLICT DO NOTHING"
    return connection.execute(statement).rowcount


def _insert_one(
    connection: psycopg.Connection[Any], table: TableShape, composer: Composer, number: int, manner: Manner
) -> tuple[int, psycopg.Error | None]:
    """One row as it was meant, else a plain one in its place."""
    error: psycopg.Error | None = None
    for attempted in dict.fromkeys((manner, Manner.PLAIN)):
        row = composer.row(number + (0 if attempted is manner else 100), attempted)
        if row is None:
            continue
        with attempt(connection) as one:
            return insert(connection, table, [row]), None
        error = one.error
    return 0, error


@contextmanager
def _apart(connection: psycopg.Connection[Any]) -> Iterator[None]:
    """Settings for this transaction: no triggers, no time limits, and texts that read the same everywhere."""
    connection.execute(read_query("lockgate.proving", "fixed_texts"))
    connection.execute("SET LOCAL session_replication_role = replica")
    yield


def _is_empty(connection: psycopg.Connection[Any], table: TableShape) -> bool:
    row = connection.execute(f"SELECT NOT EXISTS (SELECT FROM ONLY {table.name.sql})").fetchone()
    return bool(row and row[0])


def _unsolved(columns: Iterable[str], keys: Sequence[ForeignKey]) -> str:
    names = ", ".join(columns)
    if len(keys) == 1:
        return f"no row of {keys[0].target_name} fits the foreign key {keys[0].name} on {names}"
    return f"no values were found that fulfil the constraints on {names}"


def _short(error: psycopg.Error | None) -> str:
    if error is None:
        return "each would repeat a unique value"
    return error.diag.message_primary or type(error).__name__


def _places(connection: psycopg.Connection[Any], table: TableShape, count: int) -> list[str]:
    query = f"SELECT ctid::text FROM ONLY {table.name.sql} ORDER BY ctid LIMIT {count}"
    return [place for (place,) in connection.execute(query).fetchall()]


def _update(
    connection: psycopg.Connection[Any], table: TableShape, place: str, row: Mapping[str, Value]
) -> None:
    changes = ", ".join(f"{quote(name)} = {_sql(value)}" for name, value in row.items())
    with attempt(connection):
        connection.execute(f"UPDATE ONLY {table.name.sql} SET {changes} WHERE ctid = '{place}'")


def _mend(connection: psycopg.Connection[Any], tables: Sequence[TableShape]) -> None:
    """Remove rows whose foreign key found no partner after all, until none is left."""
    removed = 1
    while removed:
        removed = sum(
            _remove_orphans(connection, table, key) for table in tables for key in table.foreign_keys
        )


def _remove_orphans(connection: psycopg.Connection[Any], table: TableShape, key: ForeignKey) -> int:
    present = " AND ".join(f"c.{quote(name)} IS NOT NULL" for name in key.columns)
    pairs = zip(key.columns, key.target_columns, strict=True)
    same = " AND ".join(f"p.{quote(there)} = c.{quote(here)}" for here, there in pairs)
    partner = f"SELECT FROM {key.target_name.sql} AS p WHERE {same}"
    query = f"DELETE FROM ONLY {table.name.sql} AS c WHERE {present} AND NOT EXISTS ({partner})"
    return connection.execute(query).rowcount


def _sql(value: Value) -> str:
    return value.value if isinstance(value, Unset) else literal(value)
