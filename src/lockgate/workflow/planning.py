"""Makes the Plans of migrations and of their rollbacks from the files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lockgate.errors import NeedsPersonError
from lockgate.journal.model import MigrationRecord
from lockgate.journal.writer import MigrationEntry
from lockgate.migration.model import Migration, SqlFile
from lockgate.planning.from_file import SourceFile, plan_file
from lockgate.planning.plan import NO_UNDO, Plan, Undo, digest_of
from lockgate.redaction import redact
from lockgate.workflow.forecasting import Forecaster

if TYPE_CHECKING:
    from lockgate.inverse.kept_text import Kept


def plan_migration(migration: Migration, forecaster: Forecaster) -> Plan:
    """The Plan of a migration; its undo is the rollback file, where there is one."""
    rollback = migration.rollback
    undo = Undo(tuple(s.sql for s in rollback.script.statements)) if rollback else NO_UNDO
    source = source_of(migration, migration.forth, migration.no_transaction)
    return plan_file(source, forecaster.major, forecaster.up(migration), undo)


def plan_rollback(migration: Migration, forecaster: Forecaster) -> Plan:
    """The Plan of a migration's rollback; raises NeedsPersonError where there is none."""
    rollback = migration.rollback
    if rollback is None or not rollback.script.statements:
        raise no_way_back(migration)
    source = source_of(migration, rollback, rollback.no_transaction)
    return plan_file(source, forecaster.major, forecaster.down(migration))


def source_of(migration: Migration, file: SqlFile, one_by_one: bool) -> SourceFile:
    """One way of a migration as the planner takes it."""
    forth = file is migration.forth
    return SourceFile(
        migration.version,
        migration.name,
        file.label,
        file.checksum,
        file.script,
        file.directives,
        one_by_one,
        _kept(migration.rollback) if forth and migration.rollback else (),
    )


def _kept(rollback: SqlFile) -> tuple[Kept, ...]:
    """What a rollback needs kept; the room that derives rollbacks is only entered for those that need something."""
    if "-- keep " not in rollback.text:
        return ()
    from lockgate.inverse.kept_text import kept_in

    return kept_in(rollback.text)


def no_way_back(migration: Migration) -> NeedsPersonError:
    """The error of a migration that has no rollback, with the reason its author gave."""
    declared = migration.irreversible
    return NeedsPersonError(
        f"{migration.version}_{migration.name} has no rollback"
        + (f": {declared}" if declared else f" ({'it is empty' if migration.rollback else 'no file'})."),
        state="nothing was changed",
        next_steps=[
            "restore the backup that was taken before it, or write a new migration that goes forward"
            if declared
            else f"lockgate rollback write {migration.version}   derives one"
        ],
    )


def entry_of(migration: Migration, plan: Plan) -> MigrationEntry:
    """What the journal stores of a migration when it begins."""
    rollback = migration.rollback
    document = plan.canonical_json()
    return MigrationEntry(
        version=migration.version,
        name=migration.name,
        file=migration.label,
        checksum=migration.checksum,
        statement_checksum=migration.statement_checksum,
        content=redact(migration.text),
        rollback_content=rollback.text if rollback else None,
        plan=document,
        plan_digest=digest_of(document),
    )


def stored_plan(record: MigrationRecord) -> Plan | None:
    """The Plan that a run began with."""
    return Plan.from_json(record.plan) if record.plan else None
