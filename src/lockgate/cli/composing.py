"""Hands the features to the engine: which executor carries out which kind of step."""

from __future__ import annotations

from collections.abc import Callable

from lockgate.config import Config
from lockgate.config.sections import Backfill
from lockgate.engine.executors import ExecutionContext, Executor, Executors
from lockgate.planning.plan import Step, StepKind


class _Late:
    """An executor that is imported with the first of its steps: most migrations have none."""

    def __init__(self, make: Callable[[], Executor]) -> None:
        self._make = make

    def execute(self, step: Step, context: ExecutionContext) -> int | None:
        return self._make().execute(step, context)


def executors(config: Config) -> Executors:
    """The executors of this installation; raises UsageError for settings that cannot be."""
    settings = config.section(Backfill)

    def backfill() -> Executor:
        from lockgate.backfill.executor import BackfillExecutor
        from lockgate.backfill.options import options_of_project

        return BackfillExecutor(options_of_project(settings))

    return {StepKind.BACKFILL: _Late(backfill) if settings == Backfill() else backfill()}
