"""Recovery of half-applied migrations: what completed, what did not; finish it or undo it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from lockgate.config import Config, Target
from lockgate.engine.executors import Executors
from lockgate.engine.reporting import Reporter
from lockgate.errors import HistoryError, NeedsPersonError
from lockgate.journal.model import MigrationRecord, MigrationStatus, StepRecord, StepStatus
from lockgate.migration.model import Migration, Project
from lockgate.planning.plan import Plan, Step
from lockgate.workflow import witness
from lockgate.workflow.apply import Done, carry_out, with_steps
from lockgate.workflow.forecasting import Forecaster
from lockgate.workflow.integrity import standing
from lockgate.workflow.planning import plan_migration, plan_rollback, stored_plan
from lockgate.workflow.rollback import finish_undo, undo_one
from lockgate.workflow.target import Reading, Run, running


@dataclass(frozen=True, slots=True)
class StepState:
    """One step of an unfinished Plan and how far it got: ``done``, ``half``, ``not done`` or ``unknown``."""

    step: Step
    state: str
    record: StepRecord | None


@dataclass(frozen=True, slots=True)
class Unfinished:
    """A migration that was begun and not ended, with the state of each of its steps."""

    record: MigrationRecord
    steps: tuple[StepState, ...]
    can_finish: bool
    can_undo: bool


def survey(target: Reading | Run, project: Project) -> tuple[Unfinished, ...]:
    """Look at every unfinished migration; steps outside transactions are probed in the catalog."""
    return tuple(_look(target, project, record) for record in target.journal.unfinished())


def _look(target: Reading | Run, project: Project, record: MigrationRecord) -> Unfinished:
    plan = stored_plan(record)
    direction = "up" if record.status is MigrationStatus.APPLYING else "down"
    records = {
        step.step: step
        for step in target.journal.steps(record.version)
        if step.direction == direction and step.status is not StepStatus.SUPERSEDED
    }
    steps = plan.steps if plan else ()
    migration = project.get(record.version)
    same = migration is not None and migration.statement_checksum == record.statement_checksum
    return Unfinished(
        record,
        tuple(
            StepState(step, _state(target, step, records.get(step.id)), records.get(step.id))
            for step in steps
        ),
        can_finish=same,
        can_undo=migration is not None and migration.rollback is not None,
    )


def _state(target: Reading | Run, step: Step, record: StepRecord | None) -> str:
    if record is not None and record.status is StepStatus.DONE:
        return "done"
    if step.transaction is not None or record is None:
        return "not done"
    if step.probe is None:
        return "unknown" if record.status is StepStatus.INTENDED else "not done"
    row = target.connection.execute(step.probe.sql).fetchone()
    return {"none": "not done", "half": "half", "done": "done"}.get(row[0] if row else "none", "unknown")


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
    migration = _file(project, record)
    if record.status is MigrationStatus.ROLLING_BACK:
        plan = plan_rollback(migration, forecaster)
        return finish_undo(run, migration, stored_plan(record) or plan, config)
    if migration.statement_checksum != record.statement_checksum:
        raise HistoryError(
            f"{record.version}_{record.name} has changed since it was begun.",
            state="nothing was changed by this command",
            next_steps=["restore the file as it was, or lockgate recover --undo"],
        )
    plan = stored_plan(record) or plan_migration(migration, forecaster)
    return carry_out(run, migration, plan, config)


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
        found = survey(run, project)
        return with_steps(
            run, [_undo_one(run, project, item, config, forecaster) for item in reversed(found)]
        )


def _undo_one(run: Run, project: Project, item: Unfinished, config: Config, forecaster: Forecaster) -> Done:
    record = item.record
    migration = _file(project, record)
    _clean_halves(run, item.steps)
    if record.status is MigrationStatus.APPLYING and all(s.state in ("not done", "half") for s in item.steps):
        plan = stored_plan(record) or plan_migration(migration, forecaster)
        empty = replace(plan, phases=())
        return finish_undo(run, migration, empty, config)
    return undo_one(run, migration, tolerant(plan_rollback(migration, forecaster)), config)


def _clean_halves(run: Run, steps: Sequence[StepState]) -> None:
    for item in steps:
        if item.state == "half" and item.step.probe is not None and not item.step.probe.finishes:
            run.runner.clean(item.step)


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
