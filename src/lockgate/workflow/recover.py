"""Recovery of half-applied migrations: what completed, what did not; finish it or undo it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from lockgate.config import Config, Target
from lockgate.engine.executors import Executors
from lockgate.engine.reporting import Reporter
from lockgate.errors import LockgateError, NeedsPersonError
from lockgate.journal.model import MigrationRecord, MigrationStatus
from lockgate.migration.model import Migration, Project
from lockgate.planning.plan import Plan
from lockgate.workflow import witness
from lockgate.workflow.apply import Done, go_on, with_steps
from lockgate.workflow.forecasting import Forecaster
from lockgate.workflow.integrity import standing
from lockgate.workflow.opened import Reading, Run
from lockgate.workflow.planning import plan_migration, plan_rollback, stored_plan
from lockgate.workflow.resuming import HALF, NOT_DONE, StepState, clean_halves, continuation, step_states
from lockgate.workflow.rollback import finish_undo, undo_one
from lockgate.workflow.target import running


@dataclass(frozen=True, slots=True)
class Unfinished:
    """A migration that was begun and not ended, with the state of each of its steps."""

    record: MigrationRecord
    steps: tuple[StepState, ...]
    can_finish: bool
    can_undo: bool


def survey(target: Reading | Run, project: Project, config: Config) -> tuple[Unfinished, ...]:
    """Look at every unfinished migration; steps outside transactions are probed in the catalog."""
    forecaster = Forecaster(project, target.session.identity.major, config)
    return tuple(_look(target, project, record, forecaster) for record in target.journal.unfinished())


def _look(
    target: Reading | Run, project: Project, record: MigrationRecord, forecaster: Forecaster
) -> Unfinished:
    migration = project.get(record.version)
    return Unfinished(
        record,
        step_states(target, record),
        can_finish=_fits(target, project, record, forecaster),
        can_undo=migration is not None and migration.rollback is not None,
    )


def _fits(target: Reading | Run, project: Project, record: MigrationRecord, forecaster: Forecaster) -> bool:
    if record.status is MigrationStatus.ROLLING_BACK:
        return project.get(record.version) is not None
    try:
        continuation(target, project, record, forecaster)
    except LockgateError:
        return False
    return True


def finish(
    config: Config,
    project: Project,
    target: Target,
    *,
    reporter: Reporter | None = None,
    executors: Executors | None = None,
) -> tuple[Done, ...]:
    """Carry every unfinished migration, or rollback, to its end; raises from the error tree."""
    with running(config, target, "recover", reporter=reporter, executors=executors, project=project) as run:
        witness.pass_on(run, standing(project, run), project, target.name, reporter)
        forecaster = Forecaster(project, run.session.identity.major, config)
        done = [_finish_one(run, project, record, config, forecaster) for record in run.journal.unfinished()]
        return with_steps(run, done)


def _finish_one(
    run: Run, project: Project, record: MigrationRecord, config: Config, forecaster: Forecaster
) -> Done:
    if record.status is MigrationStatus.ROLLING_BACK:
        migration = _file(project, record)
        plan = plan_rollback(migration, forecaster)
        return finish_undo(run, migration, stored_plan(record) or plan, config)
    return go_on(run, continuation(run, project, record, forecaster), config)


def undo(
    config: Config,
    project: Project,
    target: Target,
    *,
    reporter: Reporter | None = None,
    executors: Executors | None = None,
) -> tuple[Done, ...]:
    """Take back what unfinished migrations have done.

    Where nothing was committed there is nothing to do but to say so. Otherwise the rollback runs; its statements that
    find their object missing belong to steps that were not done and are passed over.
    """
    with running(config, target, "recover", reporter=reporter, executors=executors, project=project) as run:
        witness.pass_on(run, standing(project, run), project, target.name, reporter)
        forecaster = Forecaster(project, run.session.identity.major, config)
        found = survey(run, project, config)
        return with_steps(
            run, [_undo_one(run, project, item, config, forecaster) for item in reversed(found)]
        )


def _undo_one(run: Run, project: Project, item: Unfinished, config: Config, forecaster: Forecaster) -> Done:
    record = item.record
    migration = _file(project, record)
    clean_halves(run, item.steps)
    if record.status is MigrationStatus.APPLYING and all(s.state in (NOT_DONE, HALF) for s in item.steps):
        plan = stored_plan(record) or plan_migration(migration, forecaster)
        empty = replace(plan, phases=())
        return finish_undo(run, migration, empty, config)
    return undo_one(run, migration, tolerant(plan_rollback(migration, forecaster)), config)


def tolerant(plan: Plan) -> Plan:
    """The same Plan, whose statements may find that their object is not there."""
    phases = tuple(
        replace(
            phase,
            steps=tuple(
                replace(step, options=(*step.options, ("missing", "skip")))
                if step.transaction is not None
                else step
                for step in phase.steps
            ),
        )
        for phase in plan.phases
    )
    return replace(plan, phases=phases)


def _file(project: Project, record: MigrationRecord) -> Migration:
    migration = project.get(record.version)
    if migration is None:
        raise NeedsPersonError(
            f"{record.version}_{record.name} is unfinished and its file is not here.",
            state="nothing was changed by this command",
            next_steps=["get the file from whoever began it, then run the same command again"],
        )
    return migration
