"""Corrections of the history by a person: ``baseline`` and ``repair``. No statement of a migration is run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from lockgate.config import Config, Target
from lockgate.engine.boundaries import reach
from lockgate.engine.lease import fenced
from lockgate.errors import UsageError
from lockgate.journal.model import Direction, MigrationRecord, MigrationStatus, StepStatus
from lockgate.journal.writer import Intent, MigrationEntry
from lockgate.migration.model import Migration, Project
from lockgate.workflow.forecasting import Forecaster
from lockgate.workflow.opened import Run
from lockgate.workflow.planning import entry_of, plan_migration, stored_plan
from lockgate.workflow.target import running


def baseline(config: Config, project: Project, target: Target, until: str | None) -> tuple[Migration, ...]:
    """Record every migration up to a version (inclusive) as applied, because the schema has it already.

    Returns those that were newly recorded. Raises UsageError for a version that is not among the files.
    """
    last = project.find(until).version if until else None
    with running(config, target, "baseline") as run:
        done = {entry.version for entry in run.history.applied(run.connection)}
        wanted = [
            m for m in project.migrations if m.version not in done and (last is None or m.version <= last)
        ]
        entries = _entries(run, config, project, wanted)
        with correction(run):
            for migration, entry in zip(wanted, entries, strict=True):
                _record(run, migration, entry, MigrationStatus.BASELINE)
        return tuple(wanted)


def mark_applied(
    config: Config, project: Project, target: Target, versions: Sequence[str]
) -> tuple[str, ...]:
    """Record versions as applied without running them."""
    wanted = [project.find(version) for version in versions]
    with running(config, target, "repair") as run:
        entries = _entries(run, config, project, wanted)
        with correction(run):
            for migration, entry in zip(wanted, entries, strict=True):
                _record(run, migration, entry, MigrationStatus.APPLIED)
    return tuple(migration.version for migration in wanted)


def mark_reverted(
    config: Config, project: Project, target: Target, versions: Sequence[str]
) -> tuple[str, ...]:
    """Forget that versions are applied, whether or not their files are here."""
    names = [migration.version if (migration := project.get(version)) else version for version in versions]
    with running(config, target, "repair") as run, correction(run):
        known = {entry.version for entry in run.history.applied(run.connection)} | set(
            run.journal.migrations()
        )
        for version in names:
            if version not in known:
                raise UsageError(
                    f"{version} is not in the history of {target.name}.", state="nothing was changed"
                )
            run.history.forget(run.connection, version)
            run.journal.set_migration_status(version, MigrationStatus.ROLLED_BACK)
    return tuple(names)


def forget(config: Config, target: Target, version: str) -> None:
    """Let the journal forget a migration that was begun; harmless where it knows nothing of it."""
    with running(config, target, "repair") as run, correction(run):
        run.history.forget(run.connection, version)
        run.journal.set_migration_status(version, MigrationStatus.ROLLED_BACK)


def accept_files(
    config: Config, project: Project, target: Target, versions: Sequence[str]
) -> tuple[str, ...]:
    """Take over the checksums and contents of edited files, after a person has checked them."""
    wanted = [project.find(version) for version in versions]
    with running(config, target, "repair") as run:
        entries = _entries(run, config, project, wanted)
        with correction(run):
            for migration, entry in zip(wanted, entries, strict=True):
                _record(run, migration, entry, _known(run, migration.version, target).status)
    return tuple(migration.version for migration in wanted)


def settle_step(config: Config, target: Target, version: str, step_id: str, *, done: bool) -> None:
    """Decide for the engine whether a step that left no trace was done; raises UsageError for an unknown step."""
    with running(config, target, "repair") as run:
        record = _known(run, version, target)
        plan = stored_plan(record)
        places = {step.id: number for number, step in enumerate(plan.steps)} if plan else {}
        if plan is None or step_id not in places:
            raise UsageError(
                f"{version} has no step {step_id!r}.", why=f"its steps: {', '.join(places) or 'none'}"
            )
        step = plan.steps[places[step_id]]
        direction: Direction = "down" if record.status is MigrationStatus.ROLLING_BACK else "up"
        with correction(run):
            intent = Intent(step.id, places[step_id], step.kind.value, step.title)
            written = run.journal.intend(version, direction, [intent])
            if written is None:
                raise fenced()
            status = StepStatus.DONE if done else StepStatus.FAILED
            run.journal.finish(
                written.row_ids, status, error=None if done else "a person says that it was not done"
            )


@contextmanager
def correction(run: Run) -> Iterator[None]:
    """One transaction for all that a person corrects: after a crash either everything is there or nothing."""
    with run.connection.transaction():
        yield
        reach("before commit")
    reach("after commit")


def _known(run: Run, version: str, target: Target) -> MigrationRecord:
    record = run.journal.migration(version)
    if record is None:
        raise UsageError(
            f"The journal of {target.name} knows nothing of {version}.",
            state="nothing was changed",
            next_steps=["lockgate status   shows what is applied"],
        )
    return record


def _entries(run: Run, config: Config, project: Project, wanted: Sequence[Migration]) -> list[MigrationEntry]:
    """What is stored of some migrations; made before the transaction, for thousands of them it takes a while."""
    forecaster = Forecaster(project, run.session.identity.major, config)
    return [entry_of(migration, plan_migration(migration, forecaster)) for migration in wanted]


def _record(run: Run, migration: Migration, entry: MigrationEntry, status: MigrationStatus) -> None:
    if not run.journal.begin_migration(entry, status, anew=False):
        raise fenced()
    if status in (MigrationStatus.APPLIED, MigrationStatus.BASELINE):
        run.journal.set_migration_status(migration.version, MigrationStatus.APPLIED)
        if status is MigrationStatus.BASELINE:
            run.journal.set_migration_status(migration.version, status)
        statements = [statement.sql for statement in migration.script.statements]
        run.history.record(run.connection, migration.version, migration.name, statements)
