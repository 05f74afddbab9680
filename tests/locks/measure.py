"""Measuring what one statement really locks, rewrites and reads, on one server.

A form that may run in a transaction is run in one and rolled back. A form that may not is first shown to be refused
in a transaction; then it is run by a second session while the first one holds it up, so that its locks can be read.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from tests.locks.forms import Form

from lockgate.types import LockMode

QUERIES = Path(__file__).parent / "queries"
NEEDS_NO_TRANSACTION = "25001"
TABLE_KINDS = frozenset("rpvmfS")
WEAK = LockMode.ROW_EXCLUSIVE
PATIENCE = 10.0

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Known:
    """A relation as it was before the statement."""

    name: str
    kind: str
    file: int
    rows: int
    owner: int | None


@dataclass(frozen=True, slots=True)
class Seen:
    """A relation that the statement locked."""

    oid: int
    mode: LockMode
    file: int | None
    kind: str | None
    table: int | None
    returned: int
    fetched: int


class Bench:
    """One database with the schema of the forms, and a session that measures in it."""

    def __init__(self, url: str) -> None:
        self._url = url
        self.connection = self._connect()
        self._query = (QUERIES / "locked.sql").read_text("utf-8")
        self.reload()

    def _connect(self) -> psycopg.Connection[Any]:
        connection = psycopg.connect(self._url, autocommit=True)
        connection.execute(
            "SET max_parallel_workers_per_gather = 0; SET max_parallel_maintenance_workers = 0; SET jit = off;"
            "SET timezone = 'UTC'; SET lock_timeout = '20s'; SET client_min_messages = error;"
            "SET allow_in_place_tablespaces = on"
        )
        return connection

    def close(self) -> None:
        self.connection.close()

    def reload(self) -> None:
        """Look at the relations again, after something was changed for good."""
        rows = self.connection.execute((QUERIES / "relations.sql").read_text("utf-8")).fetchall()
        self.known = {
            oid: Known(f"{schema}.{name}", kind, file, tuples, owner)
            for oid, schema, name, kind, file, tuples, owner in rows
        }

    def measure(self, form: Form) -> Json:
        """What the form did: ``{"transactional", "relations", "attached"}``."""
        return self._in_transaction(form) if form.transactional else self._alone(form)

    def _in_transaction(self, form: Form) -> Json:
        session = self.connection
        session.execute("SELECT pg_stat_force_next_flush()")
        try:
            self._begin(form)
            session.execute(form.sql)
            return {"transactional": True, **self._sort(list(self._read(session.info.backend_pid)))}
        finally:
            session.execute("ROLLBACK")

    def _begin(self, form: Form) -> None:
        self.connection.execute("BEGIN")
        for setting in form.settings:
            self.connection.execute(f"SET LOCAL {setting}")
        for given in form.given:
            self.connection.execute(given)

    def _alone(self, form: Form) -> Json:
        self._must_be_refused(form)
        if form.holds == ("refused",):
            return {"transactional": False, "relations": {}, "attached": {}}
        seen: dict[int, Seen] = {}
        for hold in form.holds:
            for relation in self._held(form, hold):
                before = seen.get(relation.oid)
                if before is None or before.mode < relation.mode:
                    seen[relation.oid] = relation
            for undo in form.undo:
                self.connection.execute(undo)
            self.reload()
        return {"transactional": False, **self._sort(list(seen.values()))}

    def _must_be_refused(self, form: Form) -> None:
        try:
            self._begin(form)
            self.connection.execute(form.sql)
        except psycopg.Error as error:
            if error.sqlstate == NEEDS_NO_TRANSACTION:
                return
            raise
        finally:
            self.connection.execute("ROLLBACK")
        raise AssertionError(f"{form.id}: a transaction did not refuse it")

    def _held(self, form: Form, hold: str) -> list[Seen]:
        """Run the form in a session of its own while this one stands in its way."""
        runner = self._connect()
        failures: list[Exception] = []

        def run() -> None:
            try:
                runner.execute(form.sql)
            except psycopg.Error as error:
                failures.append(error)

        thread = threading.Thread(target=run)
        seen: list[Seen] = []
        try:
            if hold == "none":
                thread.start()
            else:
                self.connection.execute("BEGIN")
                self.connection.execute(hold)
                thread.start()
                self._wait_until_held(runner, thread)
                seen = list(self._read(runner.info.backend_pid))
                self.connection.execute("ROLLBACK")
            thread.join(PATIENCE * 6)
        finally:
            self.connection.execute("ROLLBACK")
            runner.close()
        if failures:
            raise failures[0]
        return seen

    def _wait_until_held(self, runner: psycopg.Connection[Any], thread: threading.Thread) -> None:
        deadline = time.monotonic() + PATIENCE
        sql = "SELECT count(*) FROM pg_locks WHERE pid = %s AND NOT granted"
        while time.monotonic() < deadline and thread.is_alive():
            found = self.connection.execute(sql, [runner.info.backend_pid]).fetchone()
            if found and found[0]:
                return
            time.sleep(0.005)

    def _read(self, pid: int) -> Iterator[Seen]:
        for oid, modes, file, kind, table, returned, fetched in self.connection.execute(
            self._query, {"pid": pid}
        ).fetchall():
            mode = max(LockMode.from_pg(mode) for mode in modes)
            yield Seen(oid, mode, file, kind, table, returned, fetched)

    def _sort(self, seen: list[Seen]) -> Json:
        by_oid = {relation.oid: relation for relation in seen}
        relations: dict[str, Json] = {}
        attached: dict[str, Json] = {}
        for relation in seen:
            known = self.known.get(relation.oid)
            if known is None:
                continue
            if known.kind in "iI" or (known.kind == "S" and known.owner is not None):
                if self._stands_out(relation, known, by_oid):
                    attached[known.name] = self._entry(relation, known, seen)
            elif known.kind in TABLE_KINDS and not (known.kind == "S" and relation.mode <= WEAK):
                relations[known.name] = self._entry(relation, known, seen)
        return {"relations": dict(sorted(relations.items())), "attached": dict(sorted(attached.items()))}

    def _stands_out(self, relation: Seen, known: Known, seen: dict[int, Seen]) -> bool:
        """Whether the lock on an index or an owned sequence says more than the one on its table."""
        owner = seen.get(known.owner) if known.owner is not None else None
        return relation.mode > WEAK and (owner is None or owner.mode < relation.mode)

    def _entry(self, relation: Seen, known: Known, seen: list[Seen]) -> Json:
        entry: Json = {"mode": relation.mode.pg_name}
        indexes = [other for other in seen if other.table == relation.oid]
        rows = relation.returned + relation.fetched
        rows += sum(max(index.returned, index.fetched) for index in indexes)
        if relation.file is not None and known.file and relation.file != known.file:
            entry["rewrite"] = True
        if known.rows and rows >= known.rows:
            entry["scan"] = True
        if known.rows and relation.returned and any(self._is_built(index) for index in indexes):
            entry["index_build"] = True
        return entry

    def _is_built(self, index: Seen) -> bool:
        before = self.known.get(index.oid)
        return bool(index.file) and (before is None or before.file != index.file)
