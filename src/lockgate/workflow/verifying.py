"""Step 8: verifies a target by its own queries, by its catalog, and by trying out row-level security.

The embedded server's database is probed on a throwaway copy with generated rows; every other target is probed itself,
in transactions that are rolled back.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import psycopg

from lockgate.catalog.scope import OWN_SCHEMA
from lockgate.config import Config, Target
from lockgate.engine import connecting
from lockgate.errors import SourceError, UsageError
from lockgate.migration.model import Migration, Project
from lockgate.proving.rows.compose import Manner as RowManner
from lockgate.proving.rows.fill import Filler
from lockgate.verify import assertions, checks
from lockgate.verify.rls import changes, expectations
from lockgate.verify.rls.bench import LIVE, Manner
from lockgate.verify.rls.changes import Change
from lockgate.verify.rls.dressing import dress
from lockgate.verify.rls.expectations import Expectations, Mismatch
from lockgate.verify.rls.matrix import Tell, build
from lockgate.verify.rls.model import Hole, Matrix
from lockgate.verify.steps import Step
from lockgate.workflow.integrity import standing
from lockgate.workflow.target import reading

Connection = psycopg.Connection[Any]

ROWS = 12
"""Generated rows for each empty table of a copy."""

PINS = "rls.toml"
"""The name of the file of expectations; it lies beside the folder of migrations."""

_NOT_FILLED = (OWN_SCHEMA, "extensions", "realtime", "supabase_functions", "supabase_migrations")


@dataclass(slots=True)
class Rls:
    """What was tried about row-level security, and how it compares with what was expected."""

    matrix: Matrix
    words: str
    holes: list[Hole] = field(default_factory=list)
    accepted: list[Hole] = field(default_factory=list)
    mismatches: list[Mismatch] = field(default_factory=list)
    against: str | None = None
    changes: list[Change] = field(default_factory=list)


def pins_of(project: Project) -> Path:
    """Where the expectations of a project lie."""
    return project.verify.parent / PINS


def verify_target(project: Project, target: Target, versions: Sequence[str] = ()) -> list[Step]:
    """Run the verify files of what is applied, or of some versions, and every check of the catalog; read-only.

    Raises UsageError for a version that the project does not have.
    """
    wanted = [_known(project, version) for version in versions]
    config = project.config
    with reading(config, target) as opened:
        applied = {entry.version for entry in standing(project, opened).applied}
        chosen = wanted or [migration for migration in project.migrations if migration.verify is not None]
        steps = [_queries(opened.connection, migration, applied) for migration in chosen]
        if not versions:
            steps += checks.run(opened.connection, supabase=config.platform == "supabase")
    return steps


def _known(project: Project, version: str) -> Migration:
    found = project.get(version)
    if found is None:
        raise UsageError(f"there is no migration {version}", next_steps=["lockgate status   lists them"])
    return found


def _queries(connection: Connection, migration: Migration, applied: set[str]) -> Step:
    if migration.verify is None:
        return Step(migration.version, "queries", "skipped", error="the migration has no verify file")
    if migration.version not in applied:
        return Step(migration.version, "queries", "skipped", error="the migration is not applied")
    try:
        script = migration.verify.script
    except SourceError as error:
        step = Step(migration.version, "queries")
        step.fail(error.message)
        return step
    return assertions.run_file(connection, migration.version, script)


def verify_rls(
    config: Config,
    target: Target,
    pins: Expectations | None,
    *,
    only: tuple[str, ...] = (),
    against: Target | None = None,
    tell: Tell | None = None,
) -> Rls:
    """Try who may do what on a target, and compare with what is pinned and with another target."""
    with stage(config, target, only=only) as found:
        matrix = build(found.connection, found.manner, tell)
        result = Rls(matrix, found.words)
    known = pins or Expectations()
    result.holes = [hole for hole in matrix.holes if not known.accepts(hole)]
    result.accepted = [hole for hole in matrix.holes if known.accepts(hole)]
    result.mismatches = expectations.compare(known, matrix, strict=target.embedded)
    if against is not None:
        with stage(config, against, only=only) as there:
            other = build(there.connection, replace(there.manner, search=False), tell)
        result.against = against.name
        result.changes = changes.between_environments(matrix, other)
    return result


def rls_steps(found: Rls, pins: Path, *, pinned: bool) -> list[Step]:
    """The steps of a matrix: its holes, its expectations, its differences from another environment."""
    seconds = found.matrix.seconds
    holes = Step("rls-holes", "rls", seconds=seconds, rows=len(found.holes))
    if found.holes:
        words = "hole" if len(found.holes) == 1 else "holes"
        holes.fail(
            f"{len(found.holes)} {words} in row-level security", [f"{h.where}: {h.what}" for h in found.holes]
        )
    steps = [holes]
    if pinned:
        step = Step("rls-expectations", "rls", rows=len(found.mismatches))
        if found.mismatches:
            step.fail(
                f"{len(found.mismatches)} cells are not as {pins.name} pins them",
                list(map(str, found.mismatches)),
            )
        steps.append(step)
    if found.against is not None:
        step = Step("rls-against", "rls", rows=len(found.changes))
        if found.changes:
            step.fail(
                f"{len(found.changes)} cells differ from {found.against}", list(map(str, found.changes))
            )
        steps.append(step)
    return steps


@dataclass(frozen=True, slots=True)
class Stage:
    """A database to probe, how, and what is to be said about it."""

    connection: Connection
    manner: Manner
    words: str


@contextmanager
def stage(config: Config, target: Target, *, only: tuple[str, ...] = ()) -> Iterator[Stage]:
    """A connection for probes: to a filled copy of the embedded server's database, or to the target itself."""
    if target.embedded:
        with _copy(config) as (connection, empty):
            words = "on a throwaway copy of the local database; empty tables hold generated rows"
            yield Stage(connection, Manner(only=only, empty=empty), words)
        return
    connection = connecting.connect(target.conninfo)
    try:
        words = (
            f"on {target.name} itself, in transactions that were rolled back: at most {LIVE.sample} rows of each"
            f" table read and {LIVE.writes} written at once, lock timeout {LIVE.lock_timeout}, statement timeout"
            f" {LIVE.statement_timeout}; sequences may have moved"
        )
        yield Stage(connection, replace(LIVE, only=only), words)
    finally:
        connection.close()


@contextmanager
def _copy(config: Config) -> Iterator[tuple[Connection, dict[str, str]]]:
    from lockgate.local import ephemeral, server

    running = server.ensure_running(config)
    with ephemeral.copy_of_project(running) as name:
        with running.connect_admin(name) as admin:
            empty = fill(admin)
        connection = connecting.connect(running.url_for(name))
        try:
            yield connection, empty
        finally:
            connection.close()


def fill(admin: Connection, rows: int = ROWS) -> dict[str, str]:
    """Give rows to empty tables, with the values that policies ask about; why some could not have any."""
    filled = Filler(RowManner.PLAIN, rows, _NOT_FILLED).fill(admin)
    dress(admin, [item.table for item in filled if item.rows])
    return {str(item.table): item.reason for item in filled if item.reason is not None}
