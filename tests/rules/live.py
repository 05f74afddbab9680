"""Running the examples of the rules on a real server, in the transactions that the runner would use."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import psycopg
from tests.rules.case_files import document

from lockgate.analysis.runners import LOCKGATE
from lockgate.analysis.source import Source
from lockgate.analysis.transactions import Session
from lockgate.types import LockMode

Connection = psycopg.Connection[Any]

_RELATIONS = """
    SELECT c.oid::bigint, c.relname, c.relfilenode::bigint, pg_stat_get_xact_tuples_returned(c.oid)
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast') AND c.relkind IN ('r', 'p', 'm', 'v', 'i')
"""
_LOCKS = """
    SELECT l.relation::bigint, l.mode FROM pg_locks l
     WHERE l.pid = pg_backend_pid() AND l.locktype = 'relation' AND l.relation >= 16384
"""


@dataclass(frozen=True, slots=True)
class Effect:
    """What a statement did to one relation while it held its strongest lock."""

    mode: LockMode = LockMode.ACCESS_SHARE
    rewrite: bool = False
    scan: bool = False

    def merged(self, other: Effect) -> Effect:
        return Effect(max(self.mode, other.mode), self.rewrite or other.rewrite, self.scan or other.scan)

    @property
    def stops_traffic(self) -> bool:
        """Whether writers wait for as long as the table takes to read or write."""
        return self.mode >= LockMode.SHARE and (self.rewrite or self.scan)

    def __str__(self) -> str:
        words = [self.mode.pg_name, "rewrite" if self.rewrite else "", "scan" if self.scan else ""]
        return " ".join(word for word in words if word)


def claims(rule: str) -> dict[str, str]:
    """What the unsafe example of a rule must do: relation to ``ShareLock scan``, or ``error`` to an SQLSTATE."""
    found: dict[str, str] = document(rule).get("proof", {})
    return found


def why_not(rule: str) -> str:
    """Why the examples of a rule cannot run on a test server; empty when they can."""
    text: str = document(rule).get("live", "")
    return text


def rows_of(rule: str) -> str:
    """Rows for the tables of a rule's history, which only the server needs."""
    text: str = document(rule).get("rows", "")
    return text


def run(connection: Connection, sql: str) -> dict[str, Effect]:
    """Run a file as Lockgate would, and tell what it did to each relation; raises what the server raises."""
    source = Source.from_text(sql)
    session = Session(source, LOCKGATE)
    effects: dict[str, Effect] = {}
    number = 0
    for statement in source.script.statements:
        transaction = session.enter(statement)
        if number != transaction.number:
            _commit(connection)
            if transaction.is_block and not transaction.by_file:
                connection.execute("BEGIN")
            number = transaction.number
        for name, effect in _observed(connection, statement.sql):
            effects[name] = effects.get(name, Effect()).merged(effect)
        session.leave(statement)
    _commit(connection)
    return effects


def _commit(connection: Connection) -> None:
    if connection.info.transaction_status != psycopg.pq.TransactionStatus.IDLE:
        connection.execute("COMMIT")


def _observed(connection: Connection, sql: str) -> Iterator[tuple[str, Effect]]:
    if connection.info.transaction_status == psycopg.pq.TransactionStatus.IDLE:
        if sql.upper().startswith(_WHOLE_TABLES) and "CONCURRENTLY" not in sql.upper():
            yield from _held_up(connection, sql)
        else:
            connection.execute(sql.encode())
        return
    before = {oid: (name, file, read) for oid, name, file, read in connection.execute(_RELATIONS)}
    connection.execute(sql.encode())
    if connection.info.transaction_status == psycopg.pq.TransactionStatus.IDLE:
        return
    after = {oid: (file, read) for oid, _, file, read in connection.execute(_RELATIONS)}
    for oid, mode in connection.execute(_LOCKS).fetchall():
        if oid in before:
            name, file, read = before[oid]
            file_now, read_now = after.get(oid, (file, read))
            yield name, Effect(LockMode.from_pg(mode), file != file_now, read_now - read >= ROWS)


_WHOLE_TABLES = ("VACUUM", "CLUSTER", "REINDEX")
"""What a transaction block refuses, so that only another session can see what it locks."""

_ASKED = (
    "SELECT relation::bigint, mode FROM pg_locks WHERE pid = %s AND locktype = 'relation' AND NOT granted"
)


def _held_up(connection: Connection, sql: str) -> Iterator[tuple[str, Effect]]:
    """Run a statement while a writer is at work on every table: it waits for the lock that stops writers."""
    before = {oid: (name, file) for oid, name, file, _ in connection.execute(_RELATIONS)}
    info = connection.info
    with psycopg.connect(info.dsn, password=info.password or None) as writer, ThreadPoolExecutor(1) as pool:
        for (table,) in writer.execute(_TABLES).fetchall():
            writer.execute(f"LOCK TABLE {table} IN ROW EXCLUSIVE MODE".encode())
        running = pool.submit(connection.execute, sql.encode())
        asked = _asked_for(writer, info.backend_pid, running)
        writer.commit()
        running.result()
    after = {oid: file for oid, _, file, _ in connection.execute(_RELATIONS)}
    for oid, (name, file) in before.items():
        if oid in asked or after.get(oid) != file:
            yield name, Effect(LockMode.from_pg(asked.get(oid, "AccessShareLock")), after.get(oid) != file)


_TABLES = """
    SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast') AND c.relkind = 'r' ORDER BY c.oid
"""


def _asked_for(writer: Connection, pid: int, running: Future[Any]) -> dict[int, str]:
    """The lock that a session waits for, as soon as it does; none when its statement ends without waiting."""
    while True:
        ended = running.done()
        asked = dict(writer.execute(_ASKED, (pid,)).fetchall())
        if asked or ended:
            return asked
        time.sleep(0.01)


ROWS = 500
"""A table that holds at least so many rows and has as many read was read in full."""
