"""Until the lock facts stand: a forecast that knows nothing."""

from __future__ import annotations

from dataclasses import dataclass

from lockgate.analysis.transactions import must_run_outside
from lockgate.analysis.view import StateView
from lockgate.sql.parse import Statement
from lockgate.types import RelationLock


@dataclass(frozen=True, slots=True)
class Forecast:
    """What a statement locks."""

    relations: tuple[RelationLock, ...]
    transactional: bool


def forecast(statement: Statement, state: StateView, major: int) -> Forecast:
    """Nothing yet."""
    return Forecast((), not must_run_outside(statement.kind, statement.tree))
