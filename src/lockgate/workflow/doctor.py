"""Looks for everything that is wrong with files, history and schema, and says for each what to do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lockgate.config import Config
from lockgate.errors import LockgateError, SourceError
from lockgate.journal.model import Applied
from lockgate.migration.model import Migration, Project
from lockgate.migration.names import cli_version
from lockgate.sql import queries
from lockgate.sql.identifiers import literal
from lockgate.workflow import respelling, witness
from lockgate.workflow.forecasting import Forecaster
from lockgate.workflow.integrity import Problem, Trouble, standing
from lockgate.workflow.opened import Reading
from lockgate.workflow.planning import plan_migration


@dataclass(frozen=True, slots=True)
class Complaint:
    """One thing that is wrong: where it was seen (files, history, schema), what it is, and what to do."""

    where: str
    what: str
    advice: str


def examine_files(project: Project, config: Config) -> tuple[Complaint, ...]:
    """What is wrong with the files alone."""
    return tuple(_files(project, config))


def _files(project: Project, config: Config) -> Iterator[Complaint]:
    for problem in project.problems:
        yield Complaint("files", problem.message, "; ".join(problem.next_steps) or "correct the file")
    for notice in project.notices:
        yield Complaint("files", f"{notice.path}: {notice.message}", "see docs/reference/files.md")
    forecaster = Forecaster(project, config.postgres, config)
    for migration in project.migrations:
        yield from _file(migration, forecaster)
    if config.platform == "supabase":
        yield from _collisions(project)


def _collisions(project: Project) -> Iterator[Complaint]:
    """Files that the Supabase CLI takes for one version although theirs differ."""
    groups: dict[str, list[str]] = {}
    for migration in project.migrations:
        version = cli_version(migration.path.name)
        if version is not None:
            groups.setdefault(version, []).append(migration.path.name)
    for names in groups.values():
        if len(names) > 1:
            what = f"the Supabase CLI takes these for one version: {', '.join(names)}"
            yield Complaint("files", what, "lockgate names convert --to supabase")


def _file(migration: Migration, forecaster: Forecaster) -> Iterator[Complaint]:
    """A file that cannot be read, or that no runner could carry through (BEGIN without COMMIT)."""
    problems = list(migration.problems())
    for problem in problems:
        yield Complaint("files", problem.message, "; ".join(problem.next_steps) or "correct the file")
    if problems:
        return
    try:
        plan_migration(migration, forecaster)
    except SourceError as error:
        yield Complaint("files", error.message, "; ".join(error.next_steps) or "correct the file")


def examine_target(project: Project, target: Reading, name: str) -> tuple[Complaint, ...]:
    """What is wrong with the history and the schema of a target."""
    return (*_history(project, target, name), *_witness(project, target, name), *_schema(target))


_FAR = 300
"""How many applied migrations, from the newest back, are asked for what they made."""


def _witness(project: Project, target: Reading, name: str) -> Iterator[Complaint]:
    """What is not as the last run has left it, and what the applied files made and is not there."""
    try:
        where = standing(project, target)
    except LockgateError:
        return
    found = witness.look(target, where, project, name)
    for sighting in found:
        if sighting.blocking or sighting.next_steps:
            yield Complaint("journal", str(sighting), "; ".join(sighting.next_steps))
    if any(sighting.blocking for sighting in found):
        return
    for absence in witness.absences(target, where, project, _FAR):
        for trace in absence.missing:
            yield Complaint(
                "schema",
                f"{trace}, which {absence.entry.version}_{absence.entry.name} made, is not there",
                "restore it, or write a migration that drops it",
            )


def _history(project: Project, target: Reading, name: str) -> Iterator[Complaint]:
    try:
        where = standing(project, target, statements=True)
    except LockgateError as error:
        yield Complaint("history", error.message, "; ".join(error.next_steps))
        return
    for problem in where.problems:
        yield Complaint("history", str(problem), _advice(problem, name))
    if project.config.platform != "supabase":
        return
    yield from _other_spelling(project, where.applied)
    journal = target.journal.migrations()
    for entry in where.applied:
        migration = project.get(entry.version)
        if migration is None or entry.statements is None or entry.version in journal:
            continue
        if [s.sql for s in migration.script.statements] != [s.strip().rstrip(";") for s in entry.statements]:
            yield Complaint(
                "history",
                f"{migration}: the statements that were applied are not those of the file",
                "supabase migration fetch shows what was applied; restore the file and write a new migration",
            )


def _other_spelling(project: Project, applied: Sequence[Applied]) -> Iterator[Complaint]:
    """Rows that the Supabase CLI would not find: their files were renamed, and the history did not follow."""
    names = respelling.new_names(project, ())
    unclear = respelling.ambiguous(names)
    for entry in applied:
        if entry.version not in names or entry.version in unclear:
            continue
        seen = cli_version(names[entry.version])
        if seen not in (None, entry.raw_version) and not _is_ours(entry, seen):
            what = f"the Supabase CLI looks for {entry.version} as {seen}, and the history has {entry.raw_version}"
            spelling = "supabase" if seen == entry.version else "guide"
            yield Complaint("history", what, f"lockgate names convert --to {spelling} --write")


def _is_ours(entry: Applied, seen: str | None) -> bool:
    """Lockgate itself records all digits; where only it works nobody looks for the short form."""
    return entry.raw_version == entry.version and seen != entry.version


def _advice(problem: Problem, target: str) -> str:
    return {
        Trouble.EDITED: f"lockgate history {problem.version} --to {target} shows the difference; restore the file",
        Trouble.UNKNOWN: "get the file from whoever applied it, or lockgate repair --reverted if it is not there",
        Trouble.OUT_OF_ORDER: "lockgate apply --out-of-order, when it does not depend on later ones",
        Trouble.UNFINISHED: f"lockgate recover --to {target}",
    }[problem.trouble]


_ADVICE = {
    "invalid index": "DROP INDEX CONCURRENTLY {name}, then build it again",
    "constraint that is not validated": "ALTER TABLE {relation} VALIDATE CONSTRAINT {name}, in a migration of its own",
    "pending detachment": "ALTER TABLE {relation} DETACH PARTITION {name} FINALIZE",
}


def _schema(target: Reading) -> Iterator[Complaint]:
    rows = target.connection.execute(queries.read("lockgate.workflow", "leftovers")).fetchall()
    for kind, name, relation in rows:
        what = f"{kind} {literal(name)} on {relation}"
        yield Complaint("schema", what, _ADVICE[kind].format(name=name, relation=relation))
