"""Hands the features to the engine: which executor carries out which kind of step."""

from __future__ import annotations

from lockgate.config import Config
from lockgate.engine.executors import Executors
from lockgate.planning.plan import StepKind


def executors(config: Config) -> Executors:
    """The executors of this installation."""
    from lockgate.backfill.executor import BackfillExecutor
    from lockgate.backfill.options import options_of_project
    from lockgate.config.sections import Backfill

    return {StepKind.BACKFILL: BackfillExecutor(options_of_project(config.section(Backfill)))}
