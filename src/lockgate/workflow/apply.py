"""Step 7: apply the pending migrations, finishing first what an earlier run left half done."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from lockgate.config import Config, Target
from lockgate.engine.ending import Rule
from lockgate.engine.executors import Executors
from lockgate.engine.reporting import Reporter
from lockgate.engine.work import Beginning
from lockgate.journal.model import EndedSession, MigrationStatus, StepRecord
from lockgate.migration.model import Migration, Project
from lockgate.planning.plan import Gate, Plan
from lockgate.sql.messages import Message
from lockgate.workflow import surroundings, witness
from lockgate.workflow.forecasting import Forecaster
from lockgate.workflow.integrity import Standing, refuse, refuse_what_is_there, standing
from lockgate.workflow.opened import Reading, Run
from lockgate.workflow.planning import entry_of, plan_migration
from lockgate.workflow.resuming import Continuation, continuation
from lockgate.workflow.surroundings import Remark
from lockgate.workflow.target import running

Confirm = Callable[[Sequence[Plan]], None]


@dataclass(frozen=True, slots=True)
class Done:
    """One migration that was carried through."""

    plan: Plan
    seconds: float
    steps: tuple[StepRecord, ...] = ()
    resumed: bool = False


@dataclass(frozen=True, slots=True)
class Applied:
    """What ``apply`` did: the migrations that are through, and the gate where it stopped, if at one."""

    done: tuple[Done, ...]
    stopped_at: Gate | None = None
    next_version: str | None = None
    ended: tuple[EndedSession, ...] = ()


@dataclass(frozen=True, slots=True)
class Choice:
    """What to apply: up to a version (inclusive), whether older files may follow newer ones, and whom to end for it."""

    until: str | None = None
    out_of_order: bool = False
    ends: tuple[Rule, ...] = ()


def apply(
    config: Config,
    project: Project,
    target: Target,
    choice: Choice,
    *,
    reporter: Reporter | None = None,
    executors: Executors | None = None,
    confirm: Confirm | None = None,
) -> Applied:
    """Apply what is pending; each migration and its history row are one transaction wherever its statements allow it.

    Raises from the error tree; whatever was done before stays done and recorded.
    """
    with running(
        config, target, "apply", reporter=reporter, executors=executors, ends=choice.ends, project=project
    ) as run:
        where = standing(project, run)
        refuse(where, target.name, out_of_order=choice.out_of_order)
        project.require_sound()
        witness.pass_on(run, where, project, target.name, reporter)
        forecaster = Forecaster(project, run.session.identity.major, config)
        opened = run.journal.open_gates()
        done: list[Done] = []
        for record in where.unfinished:
            unfinished = continuation(run, project, record, forecaster)
            if unfinished.changed and confirm:
                confirm([unfinished.plan])
            if unfinished.anew and (gate := _closed(unfinished.plan, opened)):
                return Applied(with_steps(run, done), gate, record.version, _ended(run, choice))
            done.append(go_on(run, unfinished, config))
        wanted = select(where.pending, choice.until, project, where)
        refuse_what_is_there(run.connection, where, wanted[:1])
        plans = [plan_migration(migration, forecaster) for migration in wanted]
        for remark in surroundings.look(run.connection, list(zip(wanted, plans, strict=True))):
            if reporter is not None:
                reporter.remark(remark.severity, remark.text)
        if confirm and plans:
            confirm(plans)
        for migration, plan in zip(wanted, plans, strict=True):
            if gate := _closed(plan, opened):
                return Applied(with_steps(run, done), gate, migration.version, _ended(run, choice))
            done.append(_apply_one(run, migration, plan, config))
        return Applied(with_steps(run, done), ended=_ended(run, choice))


def _ended(run: Run, choice: Choice) -> tuple[EndedSession, ...]:
    return run.journal.ended_sessions(run_id=run.id) if choice.ends else ()


def select(
    pending: Sequence[Migration], until: str | None, project: Project, where: Standing
) -> tuple[Migration, ...]:
    """The pending migrations up to a version; raises UsageError for a version that is not among the files."""
    if until is None:
        return tuple(pending)
    version = project.find(until).version
    if any(entry.version == version for entry in where.applied):
        return ()
    return tuple(migration for migration in pending if migration.version <= version)


def _apply_one(run: Run, migration: Migration, plan: Plan, config: Config) -> Done:
    return carry_out(
        run, migration, plan, config, Beginning(entry_of(migration, plan), MigrationStatus.APPLYING)
    )


def carry_out(
    run: Run, migration: Migration, plan: Plan, config: Config, begins: Beginning | None = None
) -> Done:
    """Run a Plan to its end, and put the version into the history with the last step.

    Without ``begins`` an earlier run has recorded the beginning, and this one goes on from there.
    """
    started = time.monotonic()
    statements = [statement.sql for statement in migration.script.statements]
    finish = (
        *run.history.recording(migration.version, migration.name, statements),
        run.journal.status(migration.version, MigrationStatus.APPLIED),
        *platforms_news(config),
    )
    run.runner.run(plan, "up", finish, begins)
    return Done(plan, time.monotonic() - started, resumed=begins is None)


def platforms_news(config: Config) -> tuple[Message, ...]:
    """Whom the platform wants told, in the last transaction of a migration, that the schema has changed: PostgREST."""
    return (Message("NOTIFY pgrst, 'reload schema'", {}),) if config.platform == "supabase" else ()


def with_steps(run: Run, done: Sequence[Done]) -> tuple[Done, ...]:
    """What was carried through, with what the journal has of the steps: asked once for the whole run."""
    run.session.pin()  # The last migration may have taken on a role that knows nothing of the journal.
    found: dict[str, list[StepRecord]] = {item.plan.version: [] for item in done}
    for step in run.journal.steps(run_id=run.id):
        found.setdefault(step.version, []).append(step)
    return tuple(replace(item, steps=tuple(found[item.plan.version])) for item in done)


def go_on(run: Run, unfinished: Continuation, config: Config) -> Done:
    """Carry a migration that an earlier run began to its end."""
    return carry_out(run, unfinished.migration, unfinished.plan, config, unfinished.begins(run))


@dataclass(frozen=True, slots=True)
class Prospect:
    """What ``apply`` would do: from where, by which Plans, and what should be known before."""

    where: Standing
    plans: tuple[Plan, ...]
    remarks: tuple[Remark, ...]


def prospect(config: Config, project: Project, target: Reading, choice: Choice) -> Prospect:
    """What ``apply`` would do, from a target that is only read; raises like ``apply`` would."""
    where = standing(project, target)
    refuse(where, "the target", out_of_order=choice.out_of_order)
    changed = witness.stop(witness.look(target, where, project, "the target"))
    forecaster = Forecaster(project, target.session.identity.major, config)
    unfinished = [continuation(target, project, record, forecaster) for record in where.unfinished]
    wanted = select(where.pending, choice.until, project, where)
    refuse_what_is_there(target.connection, where, wanted[:1])
    plans = tuple(plan_migration(migration, forecaster) for migration in wanted)
    around = surroundings.look(target.connection, list(zip(wanted, plans, strict=True)))
    corrected = tuple(each.plan for each in unfinished if each.changed)
    return Prospect(where, (*corrected, *plans), (*(Remark("warning", str(one)) for one in changed), *around))


def _closed(plan: Plan, opened: frozenset[str]) -> Gate | None:
    """The gate that is still closed before a plan."""
    return next(iter(gates_ahead([replace(plan, phases=plan.phases[:1])], opened)), None)


def gates_ahead(plans: Sequence[Plan], opened: frozenset[str]) -> tuple[Gate, ...]:
    """The gates that are still closed before some plans."""
    gates = (phase.gate for plan in plans for phase in plan.phases)
    return tuple(gate for gate in gates if gate is not None and gate.name not in opened)
