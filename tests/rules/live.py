"""Running the examples of the rules on a real server, in the transactions that the runner would use."""

from __future__ import annotations

from collections.abc import Iterator
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


ROWS = 500
"""A table that holds at least so many rows and has as many read was read in full."""
