"""Puts what a rollback needs kept around the statements that would lose it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from lockgate.errors import SourceError
from lockgate.planning import plan as p
from lockgate.sql.parse import Statement
from lockgate.types import merged

if TYPE_CHECKING:
    from lockgate.inverse.kept_text import Kept

_OWN_TRANSACTIONS: Final = 1_000_000
"""Numbers above this are of copies that stand in a transaction of their own, before a backfill."""


def with_kept(
    steps: tuple[p.Step, ...], kept: Sequence[Kept], statements: Sequence[Statement], label: str
) -> tuple[p.Step, ...]:
    """The steps, those that lose rows together with what keeps them, in one transaction.

    A backfill is carried out elsewhere, in many transactions; its rows are copied in a step before it. Raises
    SourceError when the rollback was derived from other statements than the file has.
    """
    if not kept:
        return steps
    by_statement = {one.statement: one for one in kept}
    for one in kept:
        _require_fit(one, statements, label)
    return tuple(
        made
        for step in steps
        for made in _keeping(step, by_statement.get(step.statements[0]) if step.statements else None)
    )


def _require_fit(kept: Kept, statements: Sequence[Statement], label: str) -> None:
    if kept.statement < len(statements) and kept.fits(statements[kept.statement]):
        return
    raise SourceError(
        f"the rollback was derived from another statement {kept.statement + 1} than stands here now",
        path=label,
        line=statements[kept.statement].line if kept.statement < len(statements) else None,
        why=f"it needs {kept.what} kept, and would restore the wrong rows",
        next_steps=["lockgate rollback write VERSION --force   derives it anew"],
    )


def _keeping(step: p.Step, kept: Kept | None) -> tuple[p.Step, ...]:
    if kept is None:
        return (step,)
    options = (*step.options, *_options(kept))
    if step.kind is p.StepKind.BACKFILL:
        return (_copy(step, kept), step)
    main = (kept.instead,) if kept.instead else step.sql
    transaction = step.transaction
    if transaction is None:
        transaction = _OWN_TRANSACTIONS + kept.statement
    return (
        replace(
            step,
            sql=(*kept.before, *main, *kept.after),
            transaction=transaction,
            locks=merged(step.locks, kept.locks),
            lock_policy=p.LockPolicy.SHORT if kept.locks else step.lock_policy,
            options=options,
            probe=None,
        ),
    )


def _options(kept: Kept) -> tuple[tuple[str, str], ...]:
    """What explain tells: what is kept, of which tables, up to how many bytes, for how many days."""
    limits = (("keeps_limit_bytes", kept.limit_bytes), ("keeps_days", kept.days))
    known = tuple((name, str(value)) for name, value in limits if value is not None)
    return (("keeps", kept.what), ("keeps_of", "\n".join(kept.tables)), *known)


def _copy(step: p.Step, kept: Kept) -> p.Step:
    return p.Step(
        id=f"{step.id}k",
        kind=p.StepKind.DDL,
        title=f"keep {kept.what}",
        sql=(*kept.before, *kept.after),
        transaction=_OWN_TRANSACTIONS + kept.statement,
        lock_policy=p.LockPolicy.PATIENT,
        undo=p.Undo(None, "undone by the rollback file as a whole"),
        statements=step.statements,
        options=_options(kept),
    )
