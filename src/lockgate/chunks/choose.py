"""Chooses the way to walk a table, and says why, and when it would be cheaper not to walk at all."""

from __future__ import annotations

from dataclasses import dataclass

from lockgate.chunks.table import Table
from lockgate.chunks.walkers import WALKERS, Change, Judgement, Walker
from lockgate.errors import UnfitTargetError, UsageError

_SWAP_SPEED = 3.5
_SWAP_SHARE = 0.4
_SWAP_MIN_ROWS = 1_000_000


@dataclass(frozen=True, slots=True)
class Choice:
    """The way that was chosen, the judgement on every way, and a proposal to swap the table instead, if cheaper."""

    walker: Walker
    judgement: Judgement
    others: tuple[Judgement, ...]
    swap: str | None

    def explain(self) -> tuple[str, ...]:
        """The choice in sentences: what, why, and why not the others."""
        lines = [f"{self.walker.summary}: {'; '.join(self.judgement.reasons)}"]
        for other in self.others:
            verdict = f"about {other.speed:g}×" if other.speed else "not possible"
            lines.append(f"not {other.walker} ({verdict}): {'; '.join(other.reasons)}")
        if self.swap:
            lines.append(self.swap)
        return tuple(lines)


def choose(table: Table, change: Change) -> Choice:
    """The fastest way that is right; raises UnfitTargetError when there is none, UsageError for an unknown one."""
    judgements = [walker.judge(table, change) for walker in WALKERS]
    if change.walker and change.walker not in [walker.name for walker in WALKERS]:
        names = ", ".join(walker.name for walker in WALKERS)
        raise UsageError(f"There is no way to walk a table called {change.walker!r}; there are {names}.")
    fit = [j for j in judgements if j.speed > 0 and change.walker in (None, j.walker)]
    if not fit:
        considered = [j for j in judgements if change.walker in (None, j.walker)]
        raise UnfitTargetError(
            f"{table.name} cannot be walked in chunks for this statement.",
            state="nothing was changed",
            why="; ".join(f"{j.walker}: {' and '.join(j.reasons)}" for j in considered),
            next_steps=[
                f"give {table.name} a primary key, or a unique index on NOT NULL columns",
                "or write the statement so that a row that is done does not match its WHERE any more",
            ],
        )
    best = max(fit, key=lambda judgement: judgement.speed)
    walker = next(walker for walker in WALKERS if walker.name == best.walker)
    others = tuple(judgement for judgement in judgements if judgement is not best)
    return Choice(walker, best, others, _swap_proposal(table, change, best))


def _swap_proposal(table: Table, change: Change, best: Judgement) -> str | None:
    if change.kind != "update" or change.share < _SWAP_SHARE or table.rows < _SWAP_MIN_ROWS:
        return None
    if best.speed >= _SWAP_SPEED * 0.8:
        return None
    return (
        f"{change.share:.0%} of {table.rows:,} rows change: copying into a new table and swapping (lockgate swap)"
        f" would be about {_SWAP_SPEED / best.speed:.1f} times as fast and leave no dead rows"
    )
