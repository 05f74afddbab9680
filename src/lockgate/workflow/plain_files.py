"""Runs many plain files on a database that was just made and is ours alone, without the care that a live one needs.

Nobody else is there to wait for, and whatever fails brings the database from before back. So a file goes to the server
as one message in one transaction, and journal and history are written for all files at the end, as a run of the engine
would have written them.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import psycopg

from lockgate.config import Config, Target
from lockgate.engine.reporting import Reporter
from lockgate.errors import LockgateError
from lockgate.journal.model import MigrationStatus
from lockgate.migration.model import Migration
from lockgate.planning.from_file import plan_file
from lockgate.planning.plan import Plan, StepKind
from lockgate.sql import queries
from lockgate.workflow.opened import Run
from lockgate.workflow.planning import entry_of, source_of
from lockgate.workflow.target import running


@dataclass(frozen=True, slots=True)
class _Done:
    migration: Migration
    plan: Plan
    seconds: float


def run_plain(
    config: Config, target: Target, migrations: Sequence[Migration], reporter: Reporter | None
) -> int:
    """Run the files from the first on, as long as they are plain and succeed; returns how many were run and recorded.

    Stops before a file that asks for more (a directive, a statement outside of transactions), and before one that
    fails, of which then nothing is left: the engine runs those, and tells what is wrong.
    """
    plans = []
    for migration in migrations:
        plan = _plain(migration, config.postgres)
        if plan is None:
            break
        plans.append((migration, plan))
    if not plans:
        return 0
    with running(config, target, "local reset") as run:
        done = _run(run, plans, reporter)
        _record(run, done)
    return len(done)


def _plain(migration: Migration, major: int) -> Plan | None:
    """The Plan of a file that is one transaction of statements and nothing else."""
    try:
        if migration.forth.directives.all or (migration.rollback and "-- keep " in migration.rollback.text):
            return None
        plan = plan_file(source_of(migration, migration.forth, one_by_one=False), major)
    except LockgateError:
        return None
    numbers = {step.transaction for step in plan.steps}
    is_plain = (
        len(numbers) == 1 and None not in numbers and all(step.kind is StepKind.DDL for step in plan.steps)
    )
    return plan if is_plain and len(plan.phases) == 1 and plan.phases[0].gate is None else None


def _run(run: Run, plans: Sequence[tuple[Migration, Plan]], reporter: Reporter | None) -> list[_Done]:
    session = run.session.sibling("files")
    done: list[_Done] = []
    try:
        beginning = b"; ".join((b"DISCARD TEMP", *session.pinning()))
        for migration, plan in plans:
            started = time.monotonic()
            text = ";\n".join(sql for step in plan.steps for sql in (*step.sql, ""))
            try:
                session.connection.execute(beginning)
                session.connection.execute(f"BEGIN;\n{text}\nCOMMIT".encode())
            except psycopg.Error:
                break
            done.append(_Done(migration, plan, time.monotonic() - started))
            if reporter is not None:
                reporter.plan_done(plan, "up", done[-1].seconds)
    finally:
        session.close()
    return done


def _record(run: Run, done: Sequence[_Done]) -> None:
    connection = run.connection
    with connection.transaction(), connection.pipeline():
        for one in done:
            migration = one.migration
            run.journal.ask_begin(entry_of(migration, one.plan), MigrationStatus.APPLYING)
            connection.execute(
                queries.read("lockgate.workflow", "plain_steps"),
                {
                    "run_id": run.id,
                    "version": migration.version,
                    "steps": [step.id for step in one.plan.steps],
                    "kinds": [step.kind.value for step in one.plan.steps],
                    "titles": [step.title for step in one.plan.steps],
                    "seconds": one.seconds,
                },
                prepare=True,
            )
            statements = [statement.sql for statement in migration.script.statements]
            run.history.record(connection, migration.version, migration.name, statements)
            run.journal.set_migration_status(migration.version, MigrationStatus.APPLIED)
