"""A migration file becomes a Plan: one phase, one step for each statement, in the file's own transactions."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Protocol

from lockgate.errors import SourceError
from lockgate.migration.directives import Backfill, Change, Directives, Gate, Irreversible
from lockgate.planning import plan as p
from lockgate.planning.groups import Placed, place
from lockgate.planning.keeping import with_kept
from lockgate.planning.probes import is_repeatable, probe_for
from lockgate.redaction import redact
from lockgate.sql.identifiers import derived_name
from lockgate.sql.parse import Script, Statement
from lockgate.types import LockMode, RelationLock

if TYPE_CHECKING:
    from lockgate.inverse.kept_text import Kept


class Forecasted(Protocol):
    """What the plan needs of a forecast (see ``analysis.locks``)."""

    @property
    def relations(self) -> tuple[RelationLock, ...]:
        """The relations that the statement locks."""

    @property
    def transactional(self) -> bool:
        """Whether the server accepts the statement inside a transaction."""

    @property
    def patient(self) -> bool:
        """Whether the statement holds weak locks for long and must not be cut off."""


@dataclass(frozen=True, slots=True)
class SourceFile:
    """What the planner needs of a migration or a rollback file.

    ``one_by_one`` is the directive no-transaction; ``kept`` what the migration's rollback needs kept.
    """

    version: str
    name: str
    label: str
    checksum: str
    script: Script
    directives: Directives
    one_by_one: bool = False
    kept: tuple[Kept, ...] = ()


TITLE_WIDTH: Final = 90
SEVERAL_RELATIONS_MS: Final = 600
"""How long a transaction that locks several relations waits for one of them."""


def plan_file(
    file: SourceFile,
    server_version: int,
    forecasts: Sequence[Forecasted | None] = (),
    undo: p.Undo = p.NO_UNDO,
) -> p.Plan:
    """The Plan of one file.

    ``forecasts`` has one entry for each statement, or is empty where nothing is forecast. Raises SourceError for a
    statement that cannot be parsed, COPY from the client, or transaction control that cannot be kept.
    """
    for statement in file.script.statements:
        _refuse(statement, file.label)
    chunked = {
        found.statement: found for found in file.directives.of(Backfill) if found.statement is not None
    }
    placed = place(
        file.script.statements,
        file.label,
        one_by_one=file.one_by_one,
        apart=frozenset(chunked) | _refused(file.script.statements, forecasts),
    )
    steps = tuple(_step(number, item, chunked, forecasts) for number, item in enumerate(placed, 1))
    steps = giving_way(with_kept(steps, file.kept, file.script.statements, file.label))
    return p.Plan(
        version=file.version,
        name=file.name,
        checksum=file.checksum,
        server_version=server_version,
        phases=(p.Phase(_phase_kind(file.directives), steps, gate=gate_of(file)),),
        undo=_undo(file, undo),
    )


def _refused(statements: Sequence[Statement], forecasts: Sequence[Forecasted | None]) -> frozenset[int]:
    """The statements that the server refuses inside a transaction because of what they are about."""
    known = zip(statements, forecasts, strict=False)
    return frozenset(one.index for one, found in known if found is not None and not found.transactional)


def giving_way(steps: tuple[p.Step, ...]) -> tuple[p.Step, ...]:
    """The steps, those of a transaction that locks several relations with a shorter time-out.

    An application that takes the same relations in another order may wait for us while we wait for it. After
    ``deadlock_timeout`` (1 s) the server ends one of the two, perhaps the application: we must have let go before.
    """
    strong: dict[int | None, set[str]] = {}
    for step in steps:
        names = {lock.relation for lock in step.locks if lock.mode > LockMode.SHARE_UPDATE_EXCLUSIVE}
        strong.setdefault(step.transaction, set()).update(names)
    return tuple(
        replace(step, lock_timeout_ms=SEVERAL_RELATIONS_MS)
        if step.transaction is not None and len(strong[step.transaction]) > 1
        else step
        for step in steps
    )


def gate_of(file: SourceFile) -> p.Gate | None:
    """The gate that stands before a file, if any."""
    texts = [found.text for found in file.directives.of(Gate)]
    return p.Gate(derived_name(file.version, *_slugs(texts)), "; ".join(texts)) if texts else None


def title_of(sql: str) -> str:
    """A statement as one short line without secrets."""
    line = redact(re.sub(r"\s+", " ", sql).strip())
    return line if len(line) <= TITLE_WIDTH else line[: TITLE_WIDTH - 1] + "…"


def _slugs(texts: Sequence[str]) -> list[str]:
    return [re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:40] for text in texts]


def _phase_kind(directives: Directives) -> p.PhaseKind:
    change = directives.first(Change)
    return p.PhaseKind(change.phase) if change else p.PhaseKind.EXPAND


def _undo(file: SourceFile, undo: p.Undo) -> p.Undo:
    declared = file.directives.first(Irreversible)
    if declared is not None and not undo.possible:
        return p.Undo(None, declared.reason)
    return undo


def _refuse(statement: Statement, label: str) -> None:
    if statement.failure:
        at = statement.failure.position
        raise SourceError(statement.failure.message, path=label, line=at.line, column=at.column)
    copies = (
        statement.kind == "CopyStmt" and not statement.tree.get("filename") and statement.tree.get("is_from")
    )
    if copies:
        raise SourceError(
            "COPY … FROM STDIN needs data that a migration file cannot give",
            path=label,
            line=statement.start.line,
            column=statement.start.column,
            next_steps=["write the rows as INSERT"],
        )


def _step(
    number: int, placed: Placed, chunked: dict[int, Backfill], forecasts: Sequence[Forecasted | None]
) -> p.Step:
    statement = placed.statement
    forecast = forecasts[statement.index] if statement.index < len(forecasts) else None
    backfill = chunked.get(statement.index)
    probe = probe_for(statement) if placed.transaction is None else None
    return p.Step(
        id=f"s{number:03d}",
        kind=_kind(statement, backfill),
        title=title_of(statement.sql),
        sql=(statement.sql,),
        transaction=placed.transaction,
        locks=forecast.relations if forecast else (),
        lock_policy=_policy(placed, forecast),
        probe=probe,
        undo=p.Undo(None, "undone by the rollback file as a whole"),
        statements=(statement.index,),
        options=_options(statement, backfill, alone=placed.transaction is None),
    )


def _kind(statement: Statement, backfill: Backfill | None) -> p.StepKind:
    if backfill is not None:
        return p.StepKind.BACKFILL
    commands = statement.tree.get("cmds", []) if statement.kind == "AlterTableStmt" else []
    validates = [item["AlterTableCmd"].get("subtype") == "AT_ValidateConstraint" for item in commands]
    if validates and all(validates):
        return p.StepKind.VALIDATE
    return p.StepKind.CHECK if statement.kind == "SelectStmt" else p.StepKind.DDL


def _policy(placed: Placed, forecast: Forecasted | None) -> p.LockPolicy:
    patient = forecast.patient if forecast else placed.transaction is None
    return p.LockPolicy.PATIENT if patient else p.LockPolicy.SHORT


def _options(statement: Statement, backfill: Backfill | None, *, alone: bool) -> tuple[tuple[str, str], ...]:
    options: list[tuple[str, str]] = []
    if backfill is not None:
        options += backfill.options
    elif alone and is_repeatable(statement):
        options.append(("repeatable", "yes"))
    return tuple(options)
