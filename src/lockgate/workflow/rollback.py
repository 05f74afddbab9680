"""Going back to a version: rollback files in reverse order, each with the history in its last transaction."""

from __future__ import annotations

import time
from collections.abc import Sequence

from lockgate.config import Config, Target
from lockgate.engine.executors import Executors
from lockgate.engine.reporting import Reporter
from lockgate.engine.work import Beginning
from lockgate.errors import NeedsPersonError, UsageError
from lockgate.journal.model import Applied as AppliedVersion
from lockgate.journal.model import MigrationStatus
from lockgate.journal.writer import MigrationEntry
from lockgate.migration.model import Migration, Project
from lockgate.planning.plan import Plan
from lockgate.workflow import witness
from lockgate.workflow.apply import Confirm, Done, platforms_news, with_steps
from lockgate.workflow.forecasting import Forecaster
from lockgate.workflow.integrity import standing
from lockgate.workflow.opened import Reading, Run
from lockgate.workflow.planning import entry_of, plan_rollback
from lockgate.workflow.target import running

BEGINNING = "0"
"""The version to go back to when everything is to be undone."""


def roll_back(
    config: Config,
    project: Project,
    target: Target,
    version: str,
    *,
    reporter: Reporter | None = None,
    executors: Executors | None = None,
    confirm: Confirm | None = None,
) -> tuple[Done, ...]:
    """Undo every applied version after ``version``, newest first.

    Nothing begins unless every one of them has a way back. Raises from the error tree.
    """
    with running(config, target, "rollback", reporter=reporter, executors=executors, project=project) as run:
        witness.pass_on(run, standing(project, run), project, target.name, reporter)
        forecaster = Forecaster(project, run.session.identity.major, config)
        steps = _chain(run, project, version, forecaster)
        if confirm and steps:
            confirm([plan for _, plan in steps])
        return with_steps(run, [undo_one(run, migration, plan, config) for migration, plan in steps])


def way_back(config: Config, project: Project, target: Reading, version: str) -> tuple[Plan, ...]:
    """What ``roll_back`` would do, newest first, from a target that is only read; raises like it would."""
    forecaster = Forecaster(project, target.session.identity.major, config)
    return tuple(plan for _, plan in _chain(target, project, version, forecaster))


def undo_one(run: Run, migration: Migration, plan: Plan, config: Config) -> Done:
    """Run one rollback Plan and take the version out of the history with its last transaction."""
    run.session.pin()
    return finish_undo(
        run, migration, plan, config, Beginning(_entry(run, migration, plan), MigrationStatus.ROLLING_BACK)
    )


def finish_undo(
    run: Run, migration: Migration, plan: Plan, config: Config, begins: Beginning | None = None
) -> Done:
    """Run a rollback Plan; without ``begins`` an earlier run has recorded its beginning."""
    started = time.monotonic()
    finish = (
        *run.history.forgetting(migration.version),
        run.journal.status(migration.version, MigrationStatus.ROLLED_BACK),
        *platforms_news(config),
    )
    run.runner.run(plan, "down", finish, begins)
    return Done(plan, time.monotonic() - started)


def _entry(run: Run, migration: Migration, plan: Plan) -> MigrationEntry:
    entry = entry_of(migration, plan)
    record = run.journal.migration(migration.version)
    if record is None:
        return entry
    return entry._replace(
        checksum=record.checksum, statement_checksum=record.statement_checksum, content=record.content
    )


def _chain(
    target: Reading | Run, project: Project, version: str, forecaster: Forecaster
) -> list[tuple[Migration, Plan]]:
    _refuse_unfinished(target)
    applied = target.history.applied(target.connection)
    goal = _goal(project, applied, version)
    chain = []
    for entry in sorted(applied, key=lambda a: a.version, reverse=True):
        if entry.version > goal:
            migration = _file_of(project, entry)
            chain.append((migration, plan_rollback(migration, forecaster)))
    return chain


def _goal(project: Project, applied: Sequence[AppliedVersion], version: str) -> str:
    if version == BEGINNING:
        return ""
    goal = project.find(version).version
    if all(entry.version != goal for entry in applied):
        raise UsageError(
            f"{goal} is not applied there, so there is no going back to it.",
            state="nothing was changed",
            next_steps=["lockgate status   lists the applied versions"],
        )
    return goal


def _file_of(project: Project, entry: AppliedVersion) -> Migration:
    migration = project.get(entry.version)
    if migration is None:
        raise NeedsPersonError(
            f"{entry.version}_{entry.name} is applied but its files are not here.",
            state="nothing was changed",
            next_steps=["get the migration and its rollback from whoever applied it"],
        )
    return migration


def _refuse_unfinished(target: Reading | Run) -> None:
    for record in target.journal.unfinished():
        raise NeedsPersonError(
            f"{record.version}_{record.name} is unfinished ({record.status.value}).",
            state="nothing was changed by this command",
            next_steps=["lockgate recover   shows what is done, and finishes or undoes it"],
        )
