"""Carries out the Plans of written files step by step, and holds what each step locks against what its Plan says."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import psycopg
from tests.servers import Database

from lockgate.analysis.transactions import must_run_outside
from lockgate.config import Config
from lockgate.migration.files import discover
from lockgate.migration.model import Migration
from lockgate.planning.plan import Plan, Step, StepKind, transaction_groups
from lockgate.sql.identifiers import QualifiedName
from lockgate.sql.parse import parse_one
from lockgate.types import LockMode, RelationLock
from lockgate.workflow.forecasting import Forecaster
from lockgate.workflow.planning import plan_migration

Connection = psycopg.Connection[Any]
PATIENCE = 60.0

_LOCKS = """
SELECT l.relation::int8, l.mode, pg_relation_filenode(l.relation)::int8,
    pg_stat_get_xact_tuples_returned(l.relation)
FROM pg_locks l
WHERE l.locktype = 'relation' AND l.pid = %s AND l.granted AND l.relation >= 16384
"""
_RELATIONS = """
SELECT c.oid::int8, n.nspname || '.' || c.relname, pg_relation_filenode(c.oid)::int8, c.reltuples
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname !~ '^(pg_|information_schema|lockgate)'
"""


@dataclass(frozen=True)
class Held:
    """What was done to one relation; rows are only looked at where others would have to wait for it."""

    mode: LockMode
    rewrite: bool = False
    scan: bool = False

    @classmethod
    def of(cls, lock: RelationLock) -> Held:
        """What a forecast says."""
        return cls(lock.mode, lock.rewrite, lock.scan or lock.rewrite or lock.index_build)

    def with_(self, other: Held | None) -> Held:
        """Both, one after the other, in one transaction."""
        if other is None:
            return self
        return Held(max(self.mode, other.mode), self.rewrite or other.rewrite, self.scan or other.scan)

    @property
    def plain(self) -> Held:
        """Without what nobody waits for."""
        return self if self.mode >= LockMode.SHARE else Held(self.mode)


def plan_of(config: Config, major: int, version: str) -> Plan:
    """The Plan of a written migration, with its forecasts; it must come out of its own JSON with the same digest."""
    project = discover(config)
    (migration,) = [found for found in project.migrations if found.version == version]
    plan = _planned(migration, Forecaster(project, major, config))
    assert Plan.from_json(plan.to_json()).digest == plan.digest
    return plan


def _planned(migration: Migration, forecaster: Forecaster) -> Plan:
    return plan_migration(migration, forecaster)


@dataclass
class Gauge:
    """Runs the steps of a Plan in the transactions of the engine, and collects where a forecast is wrong."""

    pg: Database
    differences: list[str] = field(default_factory=list)
    _kept: set[str] = field(default_factory=set)
    _names: dict[int, str] = field(default_factory=dict)
    _files: dict[int, int | None] = field(default_factory=dict)

    def carry_out(self, plan: Plan) -> None:
        """Every step of the Plan, once."""
        with self.pg.connect() as connection:
            for steps in transaction_groups(plan.steps):
                self._note(connection)
                if len(steps) == 1 and _runs_alone(steps[0].sql[-1]):
                    self._outside(connection, steps[0])
                else:
                    self._inside(connection, steps)

    def _note(self, connection: Connection) -> None:
        # What a session has read is counted over its transactions until it is flushed.
        connection.execute("SELECT pg_stat_force_next_flush()")
        rows = connection.execute(_RELATIONS).fetchall()
        self._names = {oid: name for oid, name, _, _ in rows}
        self._files = {oid: file for oid, _, file, _ in rows}

    def _inside(self, connection: Connection, steps: tuple[Step, ...]) -> None:
        foretold: dict[str, Held] = {}
        with connection.transaction():
            for step in steps:
                for sql in step.sql:
                    connection.execute(sql)  # type: ignore[call-overload]
                self._foretell(foretold, step, self._remade(connection))
                self._compare(step, foretold, self._held(connection))

    def _remade(self, connection: Connection) -> frozenset[str]:
        """The names of what this transaction has made, perhaps in the place of something that it dropped."""
        rows = connection.execute(_RELATIONS).fetchall()
        return frozenset(name for oid, name, _, _ in rows if oid not in self._names)

    def _foretell(self, foretold: dict[str, Held], step: Step, remade: frozenset[str] = frozenset()) -> None:
        known = set(self._names.values()) - remade
        kept = dict(step.options).get("keeps_of", "").splitlines()
        for lock in step.locks:
            if lock.relation in known:
                foretold[lock.relation] = Held.of(lock).with_(foretold.get(lock.relation))
        # What a step takes was read and kept before it locked anything.
        self._kept |= known & set(kept)

    def _held(self, connection: Connection, pid: int | None = None) -> dict[str, Held]:
        found: dict[str, Held] = {}
        for oid, mode, file, rows in connection.execute(
            _LOCKS, (pid or connection.info.backend_pid,)
        ).fetchall():
            name = self._names.get(oid)
            if name is not None:
                rewritten = file is not None and file != self._files[oid]
                seen = Held(LockMode.from_pg(mode), rewritten, bool(rows) or rewritten)
                found[name] = seen.with_(found.get(name))
        return found

    def _compare(self, step: Step, foretold: dict[str, Held], held: dict[str, Held]) -> None:
        for name in sorted(foretold.keys() | held.keys()):
            one, other = foretold.get(name), held.get(name)
            rows = step.kind is not StepKind.BACKFILL and name not in self._kept
            if not _agree(one, other, rows=rows):
                self.differences.append(f"{step.title}: {name} forecast {one}, measured {other}")

    def _outside(self, connection: Connection, step: Step) -> None:
        """Runs a step that no transaction takes while somebody writes to its tables, so that it has to wait."""
        foretold: dict[str, Held] = {}
        self._foretell(foretold, step)
        with self.pg.connect() as runner:
            failures: list[psycopg.Error] = []
            thread = threading.Thread(target=_run, args=(runner, step.sql[-1], failures))
            with connection.transaction():
                for name in foretold:
                    schema, _, table = name.partition(".")
                    connection.execute(  # type: ignore[call-overload]
                        f"LOCK TABLE ONLY {QualifiedName(schema, table).sql} IN ROW EXCLUSIVE MODE"
                    )
                thread.start()
                waits = bool(foretold) and waits_for_lock(connection, runner.info.backend_pid, thread)
                held = self._held(connection, runner.info.backend_pid) if waits else None
            thread.join(PATIENCE)
            assert not failures, failures
        if held:
            # DETACH … CONCURRENTLY waits between its transactions, when it holds nothing that could be compared.
            modes = {name: Held(found.mode) for name, found in foretold.items()}
            self._compare(step, modes, {name: Held(found.mode) for name, found in held.items()})


def _run(runner: Connection, sql: str, failures: list[psycopg.Error]) -> None:
    try:
        runner.execute(sql)  # type: ignore[call-overload]
    except psycopg.Error as error:
        failures.append(error)


def waits_for_lock(connection: Connection, pid: int, thread: threading.Thread) -> bool:
    """Whether the other session has begun to wait; False when it was through before anybody looked."""
    for _ in _until(PATIENCE):
        row = connection.execute(
            "SELECT count(*) FROM pg_locks WHERE pid = %s AND NOT granted", (pid,)
        ).fetchone()
        if row is not None and row[0]:
            return True
        if not thread.is_alive():
            return False
    raise AssertionError("it neither ended nor waited")


def _until(seconds: float) -> Iterator[None]:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        yield
        time.sleep(0.002)


def _agree(one: Held | None, other: Held | None, *, rows: bool) -> bool:
    """Locks of readers and of row triggers stand in nobody's way and are not forecast relation by relation."""
    strong = [found for found in (one, other) if found is not None and found.mode > LockMode.ROW_EXCLUSIVE]
    if not strong:
        return True
    if one is None or other is None:
        return False
    return one.plain == other.plain if rows else one.mode is other.mode


def _runs_alone(sql: str) -> bool:
    statement = parse_one(sql)
    return must_run_outside(statement.kind, statement.tree)
