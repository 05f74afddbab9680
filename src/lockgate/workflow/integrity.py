"""Compares the project's files with a target's history: what is pending, and what does not add up."""

from __future__ import annotations

import enum
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lockgate.errors import HistoryError
from lockgate.journal.model import Applied, MigrationLine, MigrationRecord
from lockgate.migration.model import Migration, Project

if TYPE_CHECKING:
    import psycopg

    from lockgate.workflow.opened import Reading, Run


class Trouble(enum.StrEnum):
    """The ways in which files and history can contradict each other."""

    EDITED = "edited after it was applied"
    UNKNOWN = "applied on the target but not among the files"
    OUT_OF_ORDER = "pending, but older than a version that is applied"
    UNFINISHED = "begun and not ended"


@dataclass(frozen=True, slots=True)
class Problem:
    """One contradiction; ``blocking`` ones stop ``apply``."""

    trouble: Trouble
    version: str
    name: str
    detail: str = ""
    blocking: bool = True

    @property
    def words(self) -> str:
        """What is wrong, without the version that it is wrong with."""
        return f"{self.trouble.value} ({self.detail})" if self.detail else self.trouble.value

    def __str__(self) -> str:
        return f"{self.version}_{self.name}: {self.words}"


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a target stands: what is applied, what is pending (in order), what is unfinished, what is wrong.

    ``records`` is what the journal has of every version.
    """

    applied: tuple[Applied, ...]
    pending: tuple[Migration, ...]
    unfinished: tuple[MigrationRecord, ...]
    problems: tuple[Problem, ...]
    records: Mapping[str, MigrationLine]


def standing(project: Project, target: Reading | Run, *, statements: bool = False) -> Standing:
    """Where a target stands; ``statements`` also reads those that the Supabase CLI stored."""
    applied = target.history.applied(target.connection, statements=statements)
    journal = target.journal
    return examine(project.migrations, applied, journal.overview(), journal.unfinished())


def examine(
    migrations: Sequence[Migration],
    applied: Sequence[Applied],
    records: Mapping[str, MigrationLine],
    unfinished: tuple[MigrationRecord, ...],
) -> Standing:
    """Compare files, history and journal."""
    done = {entry.version for entry in applied}
    half = {record.version for record in unfinished}
    pending = tuple(m for m in migrations if m.version not in done and m.version not in half)
    problems = [
        *_edited(migrations, done, records),
        *_unknown(migrations, applied),
        *_out_of_order(pending, done),
        *(Problem(Trouble.UNFINISHED, r.version, r.name, r.status.value, blocking=False) for r in unfinished),
    ]
    problems.sort(key=lambda problem: problem.version)
    return Standing(tuple(applied), pending, unfinished, tuple(problems), records)


def _edited(
    migrations: Sequence[Migration], known: set[str], records: Mapping[str, MigrationLine]
) -> list[Problem]:
    problems = []
    for migration in migrations:
        record = records.get(migration.version)
        if migration.version not in known or record is None or migration.forth.matches(record.checksum):
            continue
        same = record.statement_checksum == migration.statement_checksum
        detail = "only comments or layout differ" if same else "the statements differ"
        problems.append(Problem(Trouble.EDITED, migration.version, migration.name, detail, blocking=not same))
    return problems


def _unknown(migrations: Sequence[Migration], applied: Sequence[Applied]) -> list[Problem]:
    files = {migration.version for migration in migrations}
    return [Problem(Trouble.UNKNOWN, a.version, a.name) for a in applied if a.version not in files]


def _out_of_order(pending: Sequence[Migration], done: set[str]) -> list[Problem]:
    newest = max(done, default="")
    return [
        Problem(Trouble.OUT_OF_ORDER, m.version, m.name, f"newest applied: {newest}")
        for m in pending
        if m.version < newest
    ]


def refuse(standing: Standing, target: str, *, out_of_order: bool = False) -> None:
    """Raise HistoryError for the problems that make it unsafe to go on."""
    blocking = [
        problem
        for problem in standing.problems
        if problem.blocking and not (out_of_order and problem.trouble is Trouble.OUT_OF_ORDER)
    ]
    if not blocking:
        return
    raise HistoryError(
        f"The files and the history of {target} contradict each other.",
        state="nothing was changed",
        why="\n".join(str(problem) for problem in blocking[:20]),
        next_steps=list(dict.fromkeys(step for p in blocking for step in _advice(p, target))),
    )


def refuse_what_is_there(
    connection: psycopg.Connection[Any], where: Standing, first: Sequence[Migration]
) -> None:
    """Raise HistoryError when the next migration creates tables that are there already.

    That is how a journal shows that was lost, or restored from an older state than the schema: the catalog is ahead of
    it, and running on blindly would do again what was done.
    """
    for migration in first:
        wanted = list(_created_at_once(migration))
        there = [
            name
            for (name,) in connection.execute(
                "SELECT coalesce(w.s, current_schema()) || '.' || w.t FROM unnest(%s::text[], %s::text[]) AS w (s, t)"
                " WHERE EXISTS (SELECT FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n"
                " ON n.oid = c.relnamespace WHERE c.relname = w.t AND n.nspname = coalesce(w.s, current_schema()))",
                [[schema for schema, _ in wanted], [table for _, table in wanted]],
            )
        ]
        if there:
            raise _ahead(migration, where, there)


def _created_at_once(migration: Migration) -> Iterator[tuple[str | None, str]]:
    """The tables that a file creates before it drops or renames anything, in schemas that are there before."""
    for statement in migration.script.statements:
        if statement.failure or statement.kind in _MAKES_ROOM:
            return
        made = statement.node.get("CreateStmt")
        relation = made["relation"] if made and not made.get("if_not_exists") else None
        if relation and relation.get("relpersistence") != "t":
            yield relation.get("schemaname"), relation["relname"]


_MAKES_ROOM = frozenset(
    {"DropStmt", "RenameStmt", "AlterObjectSchemaStmt", "VariableSetStmt", "DoStmt", "SelectStmt"}
)


def _ahead(migration: Migration, where: Standing, there: Sequence[str]) -> HistoryError:
    known = (
        f"the history ends at {where.applied[-1].version}" if where.applied else "the history knows nothing"
    )
    return HistoryError(
        f"The schema is ahead of the history: {migration} creates {', '.join(there[:5])}, which is there already.",
        state="nothing was changed",
        why=f"{known}: it was lost, restored from an older state, or the tables were made by hand",
        next_steps=[
            "lockgate doctor   shows what else does not fit",
            "lockgate baseline VERSION   records the migrations that the schema has already, up to a version",
        ],
    )


def _advice(problem: Problem, target: str) -> list[str]:
    to = f" --to {target}"
    if problem.trouble is Trouble.EDITED:
        return [
            f"restore the file as it was applied; lockgate history {problem.version}{to} shows how it differs",
            f"lockgate repair {problem.version} --checksum{to}   accepts the edited file after you checked it",
        ]
    if problem.trouble is Trouble.UNKNOWN:
        return [
            "get the missing files from whoever applied them (an unmerged branch?)",
            f"lockgate repair {problem.version} --reverted{to}   forgets it, when it really is not in the database",
        ]
    return [
        "lockgate apply --out-of-order   applies older files after newer ones, when they do not depend on each other"
    ]
