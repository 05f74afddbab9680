"""Taking up a migration that was begun and not ended, although its file may have been corrected since.

A file is corrected because one of its statements failed. What was done before that stays done, so the new file must
begin with it; then the run goes on behind it, by the Plan of the new file.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lockgate.engine.work import Beginning
from lockgate.errors import HistoryError, NeedsPersonError
from lockgate.journal.model import MigrationRecord, MigrationStatus, StepRecord, StepStatus
from lockgate.planning.plan import Plan, Step, StepKind, transaction_groups
from lockgate.workflow.planning import entry_of, plan_migration, stored_plan

if TYPE_CHECKING:
    from lockgate.migration.model import Migration, Project
    from lockgate.workflow.forecasting import Forecaster
    from lockgate.workflow.opened import Reading, Run

DONE, HALF, NOT_DONE, UNKNOWN = "done", "half", "not done", "unknown"


@dataclass(frozen=True, slots=True)
class StepState:
    """One step of an unfinished Plan and how far it got: ``done``, ``half``, ``not done`` or ``unknown``."""

    step: Step
    state: str
    record: StepRecord | None

    @property
    def has_left_something(self) -> bool:
        """Whether there is, or may be, something of it in the database: a backfill leaves rows wherever it stops."""
        return self.state != NOT_DONE or (self.record is not None and self.step.kind is StepKind.BACKFILL)

    @property
    def is_removable(self) -> bool:
        """Whether it has left something that can be removed again."""
        return self.state == HALF and self.step.probe is not None and not self.step.probe.finishes


def step_states(target: Reading | Run, record: MigrationRecord) -> tuple[StepState, ...]:
    """How far the steps of an unfinished migration got; those outside transactions are probed in the catalog."""
    plan = stored_plan(record)
    direction = "up" if record.status is MigrationStatus.APPLYING else "down"
    records = {
        step.step: step
        for step in target.journal.steps(record.version)
        if step.direction == direction and step.status is not StepStatus.SUPERSEDED
    }
    return tuple(
        StepState(step, _state(target, step, records.get(step.id)), records.get(step.id))
        for step in (plan.steps if plan else ())
    )


def _state(target: Reading | Run, step: Step, record: StepRecord | None) -> str:
    if record is not None and record.status is StepStatus.DONE:
        return DONE
    if step.transaction is not None or record is None:
        return NOT_DONE
    if step.probe is None:
        return UNKNOWN if record.status is StepStatus.INTENDED else NOT_DONE
    row = target.connection.execute(step.probe.sql).fetchone()
    return {"none": NOT_DONE, "half": HALF, "done": DONE}.get(row[0] if row else "none", UNKNOWN)


def clean_halves(run: Run, steps: Sequence[StepState]) -> None:
    """Remove what steps outside of transactions have left half done."""
    for item in steps:
        if item.is_removable:
            run.runner.clean(item.step)


@dataclass(frozen=True, slots=True)
class Continuation:
    """How an unfinished migration goes on. ``changed`` tells that its file is another one than when it began.

    ``halves`` are left by steps that the file has no more; ``anew`` tells that nothing of the migration is there.
    """

    migration: Migration
    plan: Plan
    changed: bool = False
    anew: bool = False
    halves: tuple[StepState, ...] = ()

    def begins(self, run: Run) -> Beginning | None:
        """Prepare the journal for the corrected file; what is to be recorded with the first step of one begun anew."""
        if not self.changed:
            return None
        beginning = Beginning(entry_of(self.migration, self.plan), MigrationStatus.APPLYING, self.anew)
        clean_halves(run, self.halves)
        if self.anew:
            return beginning
        run.runner.begin(beginning)
        return None


def continuation(
    target: Reading | Run, project: Project, record: MigrationRecord, forecaster: Forecaster
) -> Continuation:
    """How an unfinished migration goes on; nothing is changed yet.

    Raises NeedsPersonError in the middle of a rollback, HistoryError where the file is gone or does not begin with what
    is done.
    """
    if record.status is MigrationStatus.ROLLING_BACK:
        raise NeedsPersonError(
            f"The rollback of {record.version}_{record.name} was begun and not ended.",
            state="nothing was changed by this command",
            next_steps=["lockgate recover   finishes the rollback, or applies the migration again"],
        )
    migration = project.get(record.version)
    if migration is None:
        raise _has_gone(target, record)
    if migration.statement_checksum == record.statement_checksum:
        return Continuation(migration, stored_plan(record) or plan_migration(migration, forecaster))
    plan = plan_migration(migration, forecaster)
    left = [item for item in step_states(target, record) if item.has_left_something]
    kept = [item for item in left if _is_in(plan, item.step)]
    gone = tuple(item for item in left if item not in kept)
    if not all(item.is_removable for item in gone) or not _begins_with(plan, {i.step.id for i in kept}):
        raise _does_not_fit(record, "its file does not begin with what is done: " + _titles(left))
    return Continuation(migration, plan, changed=True, anew=not kept, halves=gone)


def _titles(steps: Sequence[StepState]) -> str:
    return "; ".join(item.step.title for item in steps[:3]) + ("; …" if len(steps) > 3 else "")


def _is_in(plan: Plan, step: Step) -> bool:
    """Whether a Plan has the same step at the same place."""
    return any((s.id, s.kind, s.sql) == (step.id, step.kind, step.sql) for s in plan.steps)


def _begins_with(plan: Plan, done: set[str]) -> bool:
    """Whether some steps come first in a Plan and end where one of its transactions does."""
    groups = [[step.id in done for step in steps] for steps in transaction_groups(plan.steps)]
    whole = [all(group) for group in groups]
    return whole == [any(group) for group in groups] == sorted(whole, reverse=True)


def _has_gone(target: Reading | Run, record: MigrationRecord) -> HistoryError:
    left = [item for item in step_states(target, record) if item.has_left_something]
    forgets = f"lockgate repair {record.version} --reverted   forgets it"
    return HistoryError(
        f"{record.version}_{record.name} was begun and not ended, and its file has gone.",
        state=f"of it there is: {_titles(left)}" if left else "nothing of it is in the database",
        next_steps=[
            "get the file from whoever began it, then run the same command again",
            forgets + (", after you took back by hand what is there" if left else ""),
        ],
    )


def _does_not_fit(record: MigrationRecord, why: str) -> HistoryError:
    return HistoryError(
        f"{record.version}_{record.name} is half applied, and {why}.",
        state="nothing was changed by this command; lockgate recover shows which steps are done",
        next_steps=[
            "put the statements that are done back into the file as they were, then run the same command again",
            "lockgate recover --undo   takes back what was done, then apply the changed file",
        ],
    )
