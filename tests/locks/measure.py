"""Measuring what one statement really locks, rewrites and reads, on one server.

A form that may run in a transaction is run in one and rolled back. A form that may not is first shown to be refused
in a transaction; then a second session runs it while the first one stands in its way, so that its locks can be read,
and what it did to files and how many rows it read is taken from the catalog and the statistics afterwards.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import psycopg
from tests.locks.forms import Form

from lockgate.types import LockMode

QUERIES = Path(__file__).parent / "queries"
REFUSALS = frozenset({"25001", "2D000"})
"""Active SQL transaction, and invalid transaction termination."""

TABLES = frozenset("rpvmfS")
INDEXES = frozenset("iI")
WEAK = LockMode.ROW_EXCLUSIVE
PATIENCE = 20.0
SESSION = """
    SET max_parallel_workers_per_gather = 0; SET max_parallel_maintenance_workers = 0; SET jit = off;
    SET timezone = 'UTC'; SET lock_timeout = '30s'; SET client_min_messages = error;
    SET allow_in_place_tablespaces = on; SET stats_fetch_consistency = none
"""

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Known:
    """A relation as it was before the statement; ``owner`` is the table of an index or of an owned sequence."""

    name: str
    kind: str
    file: int
    rows: int
    owner: int | None
    read: int


@dataclass(frozen=True, slots=True)
class Seen:
    """A relation that the statement locked, its file now, and the rows that were read of it."""

    oid: int
    mode: LockMode
    file: int | None
    table: int | None
    read: int


class Bench:
    """One database with the schema of the forms, and a session that measures in it."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._locked = (QUERIES / "locked.sql").read_text("utf-8")
        self._relations = (QUERIES / "relations.sql").read_text("utf-8")
        self.connection = self._connect()
        self.known = self._look()

    def _connect(self) -> psycopg.Connection[Any]:
        connection = psycopg.connect(self._url, autocommit=True)
        connection.execute(SESSION)
        return connection

    def close(self) -> None:
        self.connection.close()

    def _look(self) -> dict[int, Known]:
        rows = self.connection.execute(self._relations).fetchall()
        return {
            oid: Known(f"{schema}.{name}", kind, file, tuples, owner, read)
            for oid, schema, name, kind, file, tuples, owner, read in rows
        }

    def measure(self, form: Form) -> Json:
        """What the form did: whether a transaction took it, and its entries by relation."""
        return self._inside(form) if form.transactional else self._outside(form)

    # Inside a transaction

    def _inside(self, form: Form) -> Json:
        try:
            self._begin(form)
            if form.given:
                assert not self._read_locks(), f"{form.id}: what is given must not lock anything"
            self.connection.execute(form.sql)
            seen = self._read_locks()
        finally:
            self.connection.execute("ROLLBACK; SELECT pg_stat_force_next_flush()")
        return {"transactional": True, **self._entries(seen, self.known)}

    def _begin(self, form: Form) -> None:
        self.connection.execute("BEGIN")
        for setting in form.settings:
            self.connection.execute(f"SET LOCAL {setting}")
        for given in form.given:
            self.connection.execute(given)

    def _flush(self, connection: psycopg.Connection[Any]) -> None:
        connection.execute("SELECT pg_stat_force_next_flush()")

    # Outside

    def _outside(self, form: Form) -> Json:
        self._must_be_refused(form)
        merged: Json = {"transactional": False, "relations": {}, "attached": {}}
        for hold in form.holds if form.holds != ("refused",) else ():
            found = self._held(form, hold)
            for part in ("relations", "attached"):
                for name, entry in found[part].items():
                    merged[part][name] = _stronger(merged[part].get(name, {}), entry)
        return merged

    def _must_be_refused(self, form: Form) -> None:
        try:
            self._begin(form)
            self.connection.execute(form.sql)
        except psycopg.Error as error:
            if error.sqlstate not in REFUSALS:
                raise
        else:
            raise AssertionError(f"{form.id}: a transaction did not refuse it")
        finally:
            self.connection.execute("ROLLBACK")

    def _held(self, form: Form, hold: str) -> Json:
        """Run the form in a session of its own while this one stands in its way."""
        self._flush(self.connection)
        before = self._look()
        runner = self._connect()
        try:
            seen = self._race(runner, form, hold)
            self._flush(runner)
        finally:
            self.connection.execute("ROLLBACK")
            runner.close()
        after = self._look()
        entries = self._entries([_after(relation, before, after) for relation in seen], before, after)
        for undo in form.undo:
            self.connection.execute(undo)
        self.known = self._look()
        return entries

    def _race(self, runner: psycopg.Connection[Any], form: Form, hold: str) -> list[Seen]:
        failures: list[psycopg.Error] = []

        def run() -> None:
            try:
                runner.execute(form.sql)
            except psycopg.Error as error:
                failures.append(error)

        if hold != "none":
            self.connection.execute("BEGIN")
            self.connection.execute(hold)
        thread = threading.Thread(target=run)
        thread.start()
        seen = self._wait(runner, thread) if hold != "none" else []
        self.connection.execute("ROLLBACK")
        thread.join(PATIENCE)
        if failures:
            raise failures[0]
        return seen

    def _wait(self, runner: psycopg.Connection[Any], thread: threading.Thread) -> list[Seen]:
        deadline = time.monotonic() + PATIENCE
        pid = runner.info.backend_pid
        sql = "SELECT count(*) FROM pg_locks WHERE pid = %s AND NOT granted"
        while time.monotonic() < deadline and thread.is_alive():
            found = self.connection.execute(sql, [pid]).fetchone()
            if found and found[0]:
                return self._read_locks(pid)
            time.sleep(0.002)
        raise AssertionError("it was not held up")

    # Reading

    def _read_locks(self, pid: int | None = None) -> list[Seen]:
        """The locks of a session; the rows are those that this session has read in its transaction."""
        rows = self.connection.execute(self._locked, {"pid": pid or self.connection.info.backend_pid})
        return [
            Seen(oid, max(LockMode.from_pg(mode) for mode in modes), file, table, 0 if pid else read)
            for oid, modes, file, table, read in rows.fetchall()
        ]

    def _entries(
        self, seen: list[Seen], before: dict[int, Known], after: dict[int, Known] | None = None
    ) -> Json:
        by_oid = {relation.oid: relation for relation in seen}
        files = _files(seen) if after is None else [(known.owner, known.file) for known in after.values()]
        relations: dict[str, Json] = {}
        attached: dict[str, Json] = {}
        for relation in seen:
            known = before.get(relation.oid)
            if known is None:
                continue
            entry = _entry(relation, known, before, files)
            if known.kind in INDEXES or (known.kind == "S" and known.owner is not None):
                if _stands_out(relation, known, by_oid):
                    attached[known.name] = entry
            elif known.kind in TABLES and not (known.kind == "S" and relation.mode <= WEAK):
                relations[known.name] = entry
        return {"relations": dict(sorted(relations.items())), "attached": dict(sorted(attached.items()))}


def _files(seen: list[Seen]) -> list[tuple[int | None, int]]:
    return [(relation.table, relation.file or 0) for relation in seen]


def _after(relation: Seen, before: dict[int, Known], after: dict[int, Known]) -> Seen:
    """A relation as it is when the statement has ended in another session."""
    now, then = after.get(relation.oid), before.get(relation.oid)
    read = now.read - then.read if now and then else 0
    return replace(relation, file=now.file if now else None, read=read)


def _stands_out(relation: Seen, known: Known, seen: dict[int, Seen]) -> bool:
    """Whether the lock on an index or an owned sequence says more than the one on its table."""
    owner = seen.get(known.owner) if known.owner is not None else None
    return relation.mode > WEAK and (owner is None or owner.mode < relation.mode)


def _entry(
    relation: Seen, known: Known, before: dict[int, Known], files: list[tuple[int | None, int]]
) -> Json:
    entry: Json = {"mode": relation.mode.pg_name}
    if relation.file is not None and known.file and relation.file != known.file:
        entry["rewrite"] = True
    if known.kind in "rm" and known.rows and relation.read >= known.rows:
        entry["scan"] = True
    if known.rows and relation.read and any(_is_built(*file, relation.oid, before) for file in files):
        entry["index_build"] = True
    return entry


def _is_built(owner: int | None, file: int, table: int, before: dict[int, Known]) -> bool:
    """Whether an index of a table lies in a new file; one that was made anew may have taken over its old one."""
    kept = {known.file for known in before.values() if known.owner == table and known.kind in INDEXES}
    return owner == table and bool(file) and file not in kept


def _stronger(one: Json, other: Json) -> Json:
    if not one:
        return other
    mode = max(LockMode.from_pg(one["mode"]), LockMode.from_pg(other["mode"]))
    return {**one, **other, "mode": mode.pg_name}


def prepare(url: str, major: int, profile: str) -> None:
    """Make the schema of the forms in an empty database, with rows or without."""
    folder = Path(__file__).parent
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET client_min_messages = error")
        for script in scripts(major, profile):
            connection.execute((folder / script).read_text("utf-8"))  # type: ignore[call-overload]


def scripts(major: int, profile: str = "empty") -> Iterator[str]:
    """The files that make the schema on a server version, and fill it."""
    yield "schema.sql"
    yield from (f"schema_{version}.sql" for version in (17, 18) if major >= version)
    if profile == "rows":
        yield "rows.sql"
        yield from (f"rows_{version}.sql" for version in (18,) if major >= version)


def prepare_server(url: str) -> None:
    """Make what belongs to the whole server, where it is not there yet."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET allow_in_place_tablespaces = on")
        for sql, state in (
            ("CREATE ROLE clerk", "42710"),
            ("CREATE TABLESPACE elsewhere LOCATION ''", "42710"),
        ):
            try:
                connection.execute(sql)  # type: ignore[call-overload]
            except psycopg.Error as error:
                if error.sqlstate not in (state, "23505"):
                    raise
