"""Backfills written in Python: a function gets the rows of a chunk and gives back the new values.

For what SQL cannot express. Each chunk is one transaction: the rows are read and locked, the function computes, the
values come back by COPY into a temporary table, one UPDATE writes them, and the cursor moves.
"""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import psycopg
from psycopg import RawCursor
from psycopg.rows import dict_row

from lockgate.backfill import inspection
from lockgate.backfill.options import Options
from lockgate.backfill.run import Observe, Outcome, work_on
from lockgate.chunks.choose import choose
from lockgate.chunks.job import Job, JobSpec, SourceSpec, create_job, find_job, resume
from lockgate.chunks.keys import keys_of
from lockgate.chunks.ledger import Lease, Ledger, Opened, Step
from lockgate.chunks.table import Connection, Key, Table, estimated_rows, read_table, resolve
from lockgate.chunks.walkers import Change
from lockgate.chunks.watch import Connect
from lockgate.errors import LockgateError, UnfitTargetError, UsageError
from lockgate.journal import format as journal_format
from lockgate.sql.identifiers import quote
from lockgate.sql.parse import parse_expression

Row = Mapping[str, Any]
Function = Callable[[Row], Mapping[str, Any] | None]

_TEMPORARY = "lockgate_chunk"


@dataclass(frozen=True, slots=True)
class PythonBackfill:
    """A function over the rows of a table.

    ``read`` are the columns that it gets, ``write`` those that it gives back (None leaves a row as it is). ``where``
    limits the rows; with ``converges`` it also tells the rows that are not done, so that the end is proved by counting.
    The function runs while the rows of its chunk are locked, so it must not wait for anything slow.
    """

    name: str
    table: str
    read: tuple[str, ...]
    write: tuple[str, ...]
    function: Function
    where: str | None = None
    converges: bool = False

    @property
    def digest(self) -> str:
        """What identifies the work: the names, the condition and the source of the function."""
        parts = [self.table, *self.read, "|", *self.write, "|", self.where or "", _source_of(self.function)]
        return hashlib.sha256("\0".join(parts).encode("utf-8")).hexdigest()


def run_function(
    connect: Connect,
    backfill: PythonBackfill,
    options: Options | None = None,
    *,
    observe: Observe | None = None,
) -> Outcome:
    """Run a Python backfill to its end, or go on with it; raises as :func:`lockgate.backfill.run.run` does."""
    options = options or Options()
    with connect() as connection:
        connection.autocommit = True
        journal_format.ensure(connection)
        job, key = _start(connection, backfill, options)
    performer = _Performer(backfill, key)
    return work_on(connect, job, workers=options.workers, observe=observe, performer=lambda: performer)


def _start(connection: Connection, backfill: PythonBackfill, options: Options) -> tuple[Job, Key]:
    table = read_table(connection, resolve(connection, backfill.table))
    inspection.refuse_hidden_rows(table)
    key = _key(table, backfill, options)
    known = find_job(connection, backfill.name)
    if known is None:
        return create_job(connection, _specify(connection, table, key, backfill, options)), key
    if known.digest != backfill.digest:
        raise UsageError(
            f"The backfill {backfill.name} was begun with another function, table or condition.",
            state="nothing was changed",
            next_steps=[
                "give the new one another name",
                f"or first: lockgate backfill cancel {backfill.name}",
            ],
        )
    return (known if known.status in ("running", "done") else resume(connection, known.name)), key


def _key(table: Table, backfill: PythonBackfill, options: Options) -> Key:
    missing = [name for name in (*backfill.read, *backfill.write) if table.column(name) is None]
    if missing:
        raise UsageError(f"{table.name} has no column {', '.join(missing)}.", state="nothing was changed")
    keys = keys_of(table, frozenset(backfill.write))
    fitting = [key for key in keys.usable if not options.key or key.names == options.key]
    if not fitting:
        raise UnfitTargetError(
            f"A backfill in Python needs a unique key that is never NULL on {table.name}.",
            state="nothing was changed",
            why="; ".join(f"{name}: {reason}" for name, reason in keys.refused) or "there is no unique index",
        )
    return fitting[0]


def _specify(
    connection: Connection, table: Table, key: Key, backfill: PythonBackfill, options: Options
) -> JobSpec:
    change = Change("function", frozenset(backfill.write), 1.0, backfill.converges, key.names, "keyset")
    choice = choose(table, change)
    source = choice.walker.source(table, choice.judgement, "k")
    condition = f"({backfill.where}) AND " if _checked(backfill.where) else ""
    columns = ", ".join(f"k.{quote(name)}" for name in dict.fromkeys((*key.names, *backfill.read)))
    chunk = f"SELECT {columns} FROM {table.name.sql} AS k WHERE {condition}{source.predicate} FOR NO KEY UPDATE OF k"
    counting = f"SELECT count(*) FROM {table.name.sql} AS k WHERE {backfill.where or 'true'}"
    _plan(connection, counting)
    rows = estimated_rows(connection, counting.replace("count(*)", "1", 1))
    parts = max(1, min(64, table.rows // 5_000))
    return JobSpec(
        name=backfill.name,
        kind="function",
        statement=f"-- {_source_of(backfill.function)}",
        digest=backfill.digest,
        target=str(table.name),
        walker=choice.walker.name,
        passes=1,
        reasons=choice.explain(),
        mode="converges" if backfill.converges else "once",
        session={
            **inspection.session_settings(connection),
            "lock_timeout": f"{options.settings.lock_timeout_ms}ms",
        },
        remaining_sql=counting if backfill.converges else None,
        unfixable_sql=None,
        settings=replace(options.settings, units_per_row=1.0),
        rows_estimate=rows,
        rows_counted=False,
        notes=(),
        sources=(
            SourceSpec(
                table.oid,
                table.name.sql,
                None,
                source.probe_sql,
                chunk,
                source.last_sql,
                source.key_sql,
                choice.walker.ranges(connection, table, choice.judgement, parts),
            ),
        ),
    )


def _plan(connection: Connection, query: str) -> None:
    try:
        connection.execute(f"EXPLAIN {query}".encode())
    except psycopg.errors.ProgrammingError as error:
        raise UsageError(
            f"The condition does not work on this table: {error.diag.message_primary}.",
            state="nothing was changed; it was only planned",
        ) from error


class _Performer:
    """Carries out chunks with the function; stateless, so that all workers share it."""

    def __init__(self, backfill: PythonBackfill, key: Key) -> None:
        self._backfill = backfill
        self._key = key

    def perform(self, ledger: Ledger, lease: Lease, size: int) -> Step:
        with ledger.connection.transaction():
            opened = ledger.open(lease, size)
            if opened.desired != "run":
                return Step(0, 0, False, opened.desired)
            rows = self._read(ledger.connection, lease, opened)
            changed = self._write(ledger.connection, self._compute(rows))
            ledger.close(lease, opened, changed, size)
        return Step(changed, opened.units, opened.finished, opened.desired)

    def _read(self, connection: Connection, lease: Lease, opened: Opened) -> list[dict[str, Any]]:
        row = connection.execute(
            "SELECT s.chunk_sql FROM lockgate.backfill_range AS r JOIN lockgate.backfill_source AS s"
            " ON s.job_id = r.job_id AND s.number = r.source WHERE r.id = %s",
            [lease.range_id],
        ).fetchone()
        assert row is not None
        with RawCursor(connection, row_factory=dict_row) as cursor:
            return cursor.execute(row[0].encode(), [opened.after_key, opened.upto_key]).fetchall()

    def _compute(self, rows: Iterable[dict[str, Any]]) -> list[tuple[Any, ...]]:
        """The key and the new values of each row that changes; raises LockgateError when the function fails."""
        results: list[tuple[Any, ...]] = []
        for row in rows:
            try:
                values = self._backfill.function(row)
            except Exception as error:
                raise _function_failed(self._backfill, error) from error
            if values is not None:
                key = tuple(row[name] for name in self._key.names)
                results.append((*key, *(values[name] for name in self._backfill.write)))
        return results

    def _write(self, connection: Connection, rows: list[tuple[Any, ...]]) -> int:
        if not rows:
            return 0
        key, write = self._key.names, self._backfill.write
        table = connection.execute("SELECT to_regclass(%s)::text", [self._backfill.table]).fetchone()
        assert table is not None
        listed = ", ".join(f"{quote(name)} AS k{number}" for number, name in enumerate((*key, *write)))
        connection.execute(
            f"CREATE TEMPORARY TABLE {_TEMPORARY} ON COMMIT DROP AS SELECT {listed} FROM {table[0]} LIMIT 0".encode()
        )
        with connection.cursor() as cursor, cursor.copy(f"COPY {_TEMPORARY} FROM STDIN".encode()) as copy:
            for row in rows:
                copy.write_row(row)
        values = ", ".join(f"{quote(name)} = c.k{len(key) + number}" for number, name in enumerate(write))
        same = " AND ".join(f"t.{quote(name)} = c.k{number}" for number, name in enumerate(key))
        return connection.execute(
            f"UPDATE {table[0]} AS t SET {values} FROM {_TEMPORARY} AS c WHERE {same}".encode()
        ).rowcount


def _function_failed(backfill: PythonBackfill, error: Exception) -> LockgateError:
    return LockgateError(
        f"The function of the backfill {backfill.name} raised {type(error).__name__}.",
        state="the chunk was rolled back; every committed chunk stays",
        next_steps=[
            "correct the function",
            f"lockgate backfill cancel {backfill.name}",
            "run it under a new name",
        ],
    )


def _checked(where: str | None) -> bool:
    if where is not None:
        parse_expression(where)  # raises SqlSyntaxError for what is more than one expression
    return where is not None


def _source_of(function: Function) -> str:
    try:
        return inspect.getsource(function)
    except (OSError, TypeError):
        return getattr(function, "__qualname__", repr(function))
