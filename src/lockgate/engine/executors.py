"""How the engine hands a step to whoever knows its kind, without importing the features above it."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import psycopg

from lockgate.engine.policy import Patience
from lockgate.engine.reporting import Reporter
from lockgate.planning.plan import Plan, Step, StepKind


@dataclass(frozen=True, slots=True)
class ExecutionContext:
    """What an executor may use.

    ``connect(part)`` opens another connection with the pinned settings, which the executor closes; ``token`` is the
    run's fencing token: every transaction of the executor must find it in ``lockgate.lease`` (under FOR SHARE) or
    stop. ``step_row`` is the intent's row in ``lockgate.step``, committed before the executor is called.
    """

    run_id: uuid.UUID
    plan: Plan
    step_row: int
    token: int
    connect: Callable[[str], psycopg.Connection[Any]]
    patience: Patience
    reporter: Reporter


class Executor(Protocol):
    """Carries out steps of one kind; must be able to go on where a killed predecessor stopped."""

    def execute(self, step: Step, context: ExecutionContext) -> int | None:
        """Do the step to its end and return the number of rows changed; raises from the error tree."""


Executors = Mapping[StepKind, Executor]
