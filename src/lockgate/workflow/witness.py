"""Whether server, schema and journal are still those that the last run has left: told before anything is done.

Journal and schema live in one database, so a failover or a restore of the whole moves both to the same moment. They can
be parted all the same: the journal is dropped or restored from an older dump, or the project's own schemas are. Then
going on would do again what is done, or build upon what is not there.

* A note outside of the journal knows the last run: it shows a journal that is lost or older than the database.
* What the newest applied files make shows a schema that is older than the journal. It is looked at only where the
  inventory of objects is another one than after the last run, and what somebody dropped or made by hand stops nothing,
  as long as something lasting of the newest migrations is there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from lockgate.errors import LockgateError
from lockgate.journal import witness as witnesses
from lockgate.journal.model import Applied, MigrationStatus
from lockgate.journal.witness import Left, Note, Witness
from lockgate.workflow.opened import Reading, Run, Sighting
from lockgate.workflow.traces import Trace, there, traces, without

if TYPE_CHECKING:
    from lockgate.engine.reporting import Reporter
    from lockgate.engine.session import ServerIdentity
    from lockgate.migration.model import Migration, Project
    from lockgate.sql.parse import Statement
    from lockgate.workflow.integrity import Standing

_FAR: Final = 40
"""How many applied migrations, from the newest back, are looked at for something that is still there."""


def admit(target: Reading, project: Project | None, name: str) -> tuple[Witness, tuple[Sighting, ...]]:
    """What the last run left, before a new one takes the lease; raises HistoryError for a lost or older journal.

    Without a ``project`` nobody can tell whether the schema was emptied together with the journal.
    """
    witness = witnesses.read(target.connection)
    if not witness.is_ahead:
        return witness, ()
    return witness, stop(_behind_the_note(witness, target, project, name))


def stop(found: Sequence[Sighting]) -> tuple[Sighting, ...]:
    """Raise HistoryError for the first blocking sighting; returns the others."""
    for sighting in found:
        if sighting.blocking:
            raise sighting.error
    return tuple(found)


def pass_on(run: Run, where: Standing, project: Project, name: str, reporter: Reporter | None = None) -> None:
    """Compare before a run's first act: tells what is worth knowing, raises HistoryError for what must stop it."""
    changed = stop(compare(run.witness, run, where, project, name))
    for sighting in (*run.sightings, *changed):
        if reporter is not None:
            reporter.remark("warning", str(sighting))


def look(target: Reading, where: Standing, project: Project, name: str) -> tuple[Sighting, ...]:
    """Everything that is not as the last run has left it, for a target that is only read."""
    witness = witnesses.read(target.connection)
    if witness.is_ahead:
        return _behind_the_note(witness, target, project, name)
    return compare(witness, target, where, project, name)


def compare(
    witness: Witness, target: Reading | Run, where: Standing, project: Project, name: str
) -> tuple[Sighting, ...]:
    """Compare server and schema with what the last run left, and with the history."""
    found = [*_history_lost(target, where, project, name)]
    if witness.left is not None:
        found += _server(witness.left, target.session.identity)
        if where.applied and witness.left.inventory != witnesses.inventory(target.connection):
            found += _schema(target, where, project, name)
    return tuple(found)


def _behind_the_note(
    witness: Witness, target: Reading, project: Project | None, name: str
) -> tuple[Sighting, ...]:
    note = witness.note
    assert note is not None
    applied = target.history.applied(target.connection, statements=False)
    newest = applied[-1].version if applied else ""
    lost = "was lost" if witness.token is None or not applied else "is older than the database"
    if newest == note.newest and len(applied) >= note.applied:
        why = f"{_past(note)}; the history is whole, but what a run may have left half done then is not known"
        return (Sighting(f"The journal of {name} {lost}.", why, blocking=False),)
    known = {entry.version for entry in applied}
    missing = [m for m in project.migrations if m.version not in known] if project else []
    made, found = _left_by([m for m in missing if m.version <= note.newest], target)
    knows = f"the journal now knows {len(applied)}" + (f", the newest {newest}" if newest else "")
    if made and not found:
        why = f"{_past(note)}; {knows}, and nothing of what the others made is there: they begin anew"
        return (Sighting(f"The journal of {name} {lost}.", why, blocking=False),)
    why = f"{_past(note)}; {knows}. {_evidence(found)}"
    return (Sighting(f"The journal of {name} {lost}.", why, _ways_back(note, name)),)


def _past(note: Note) -> str:
    return f"run {note.token}, which ended {note.ended_at}, left {note.applied} applied migrations" + (
        f", the newest {note.newest}" if note.newest else ""
    )


def _evidence(found: Sequence[Trace]) -> str:
    if not found:
        return "Nothing tells whether the database has what they did"
    more = f" and {len(found) - 3} more objects" if len(found) > 3 else ""
    return f"Still in the database: {', '.join(str(one) for one in found[:3])}{more}"


def _ways_back(note: Note, name: str) -> tuple[str, ...]:
    to = f" --to {name}"
    return (
        f"lockgate diff --from files@{note.newest}{to}   shows whether the schema is what the files make",
        f"lockgate baseline {note.newest}{to}   records them as applied, when it is; no statement is run",
        "or restore the schema lockgate from the newest backup, then lockgate status",
    )


def _left_by(migrations: Sequence[Migration], target: Reading | Run) -> tuple[list[Trace], tuple[Trace, ...]]:
    """What some files make when they run one after the other, and what of it is there."""
    made: list[Trace] = []
    for migration in migrations:
        left = traces(_statements(migration))
        made = [] if left.unclear else without(made, left.freed)
        made += left.made
    return made, there(target.connection, made, anywhere=True)


def _statements(migration: Migration) -> tuple[Statement, ...]:
    try:
        return tuple(migration.script.statements)
    except LockgateError:
        return ()


def _history_lost(target: Reading | Run, where: Standing, project: Project, name: str) -> Iterator[Sighting]:
    """A history that is empty although the journal has carried migrations through (Supabase keeps them apart)."""
    done = [
        record.version
        for record in where.records.values()
        if record.status in (MigrationStatus.APPLIED, MigrationStatus.BASELINE)
    ]
    if where.applied or not done:
        return
    made, found = _left_by([m for m in project.migrations if m.version in set(done)], target)
    newest = max(done)
    why = f"the journal has carried {len(done)} migrations through, the newest {newest}"
    if made and not found:
        yield Sighting(f"The history of {name} is empty.", f"{why}; nothing of them is there", blocking=False)
        return
    yield Sighting(
        f"The history of {name} is empty.",
        f"{why}. {_evidence(found)}",
        (
            f"lockgate baseline {newest} --to {name}   records them as applied again; no statement is run",
            f"lockgate repair {newest} --reverted --to {name}   for each that is really not there",
        ),
    )


def _server(left: Left, identity: ServerIdentity) -> Iterator[Sighting]:
    since = f"since the last run ({left.ended_at:%Y-%m-%d %H:%M %Z})"
    one, other = left.system_identifier, identity.system_identifier
    if one and other and one != other:
        yield Sighting(
            "This is another server than at the last run.",
            f"{since} the database was restored or copied: system {one} is now {other}",
            blocking=False,
        )
    elif left.timeline and identity.timeline and left.timeline != identity.timeline:
        yield Sighting(
            "The server has failed over.",
            f"{since} its time line went from {left.timeline} to {identity.timeline}:"
            " what the one before had not sent yet is not here, and is pending again",
            blocking=False,
        )


class Absence(NamedTuple):
    """What of an applied migration should be there, and what is."""

    entry: Applied
    expected: tuple[Trace, ...]
    found: tuple[Trace, ...]

    @property
    def missing(self) -> tuple[Trace, ...]:
        """What is not there."""
        return tuple(one for one in self.expected if one not in self.found)


def absences(target: Reading | Run, where: Standing, project: Project, far: int = _FAR) -> Iterator[Absence]:
    """From the newest applied migration back: what each should have left, whether or not something is missing."""
    freed: set[str] = set()
    for entry in reversed(where.applied[-far:]):
        migration, record = project.get(entry.version), where.records.get(entry.version)
        if migration is None or (record and record.statement_checksum != migration.statement_checksum):
            return
        left = traces(_statements(migration))
        expected = tuple(without(left.made, freed))
        if expected:
            yield Absence(entry, expected, there(target.connection, expected, anywhere=True))
        if left.unclear:
            return
        freed |= left.freed


def _schema(target: Reading | Run, where: Standing, project: Project, name: str) -> Iterator[Sighting]:
    """A schema that has nothing of the newest applied migrations, or not all of it."""
    gone: list[Absence] = []
    for absence in absences(target, where, project):
        if absence.found:
            if absence.missing and not gone:
                yield _partly(absence)
            break
        gone.append(absence)
    if not gone:
        return
    if not any(trace.lasting for absence in gone for trace in absence.expected):
        yield from map(_partly, gone)
        return
    yield _older(gone, name)


def _partly(absence: Absence) -> Sighting:
    what = ", ".join(str(one) for one in absence.missing[:5])
    return Sighting(
        f"What {absence.entry.version}_{absence.entry.name} made is not all there: {what}.",
        "somebody has dropped or renamed it beside the migrations",
        blocking=False,
    )


def _older(gone: Sequence[Absence], name: str) -> Sighting:
    versions = [absence.entry.version for absence in gone]
    missing = [str(trace) for absence in gone for trace in absence.missing]
    listed, to = " ".join(versions[:10]), f" --to {name}"
    return Sighting(
        f"The schema of {name} is older than its journal: nothing of"
        + (f" {versions[0]}" if len(versions) == 1 else f" the newest {len(versions)} migrations")
        + " is there.",
        f"recorded as applied: {', '.join(versions[:10])}; not in the database: {', '.join(missing[:5])}."
        " The schema was restored from an older state, or emptied",
        (
            f"lockgate repair {listed} --reverted{to}   takes them for pending again; then lockgate apply{to}",
            "or restore the schema from a backup that is as new as the journal",
            f"lockgate baseline {versions[0]}{to}   accepts the schema as it is, when that is meant",
        ),
    )
