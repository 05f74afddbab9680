"""Plays a file on a throwaway database as the engine runs it on a target: the same Plan, the same transactions."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg

from lockgate.engine.failures import message_of
from lockgate.errors import LockgateError
from lockgate.inverse.kept_text import Kept, kept_in
from lockgate.migration.model import Migration, SqlFile
from lockgate.planning.from_file import Forecasted, SourceFile, plan_file
from lockgate.planning.plan import Plan, Step, transaction_groups
from lockgate.proving.measuring import Measured, Meter

_WORTH_TELLING = frozenset({"WARNING"})


@dataclass(frozen=True, slots=True)
class Failure:
    """Where and why a file stopped.

    ``statement`` is the index in the file, None when the file cannot be run at all; ``partly`` is true when an earlier
    transaction of the file had been committed.
    """

    message: str
    statement: int | None = None
    line: int | None = None
    sqlstate: str | None = None
    partly: bool = False

    @property
    def is_raised(self) -> bool:
        """Whether the file itself refused, by RAISE EXCEPTION."""
        return self.sqlstate == "P0001"

    def __str__(self) -> str:
        place = f"line {self.line}: " if self.line else ""
        return place + self.message


@dataclass(frozen=True, slots=True)
class Played:
    """How a file went: its time in seconds, what the server warned of, what was measured, and where it failed."""

    seconds: float
    warnings: tuple[str, ...] = ()
    measured: tuple[Measured, ...] = ()
    failure: Failure | None = None

    @property
    def ok(self) -> bool:
        """Whether all of it was done."""
        return self.failure is None


@dataclass(frozen=True, slots=True)
class Score:
    """A file ready to be played: its Plan, or why there is none."""

    file: SqlFile
    plan: Plan | None
    refusal: Failure | None = None

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to run."""
        return self.plan is not None and not self.plan.steps

    @property
    def in_one_transaction(self) -> bool:
        """Whether all of it is committed or rolled back together."""
        if self.plan is None:
            return False
        numbers = {step.transaction for step in self.plan.steps}
        return len(numbers) <= 1 and None not in numbers


def score(migration: Migration, file: SqlFile, major: int, forecasts: Sequence[Forecasted] = ()) -> Score:
    """Read a file of a migration; what is wrong with it becomes the refusal.

    ``forecasts`` tell which statements the server refuses in a transaction for what they are about.
    """
    try:
        source = SourceFile(
            migration.version,
            migration.name,
            file.label,
            file.checksum,
            file.script,
            file.directives,
            file.no_transaction,
            kept_of(migration) if file is migration.forth else (),
        )
        return Score(file, plan_file(source, major, forecasts))
    except LockgateError as error:
        return Score(file, None, Failure(error.message))


def kept_of(migration: Migration) -> tuple[Kept, ...]:
    """What the rollback asks to keep before the migration; nothing when the rollback cannot be read."""
    try:
        return kept_in(migration.rollback.text) if migration.rollback else ()
    except LockgateError:
        return ()


def play(
    connection: psycopg.Connection[Any], piece: Score, *, measure: bool = False, fresh: bool = True
) -> Played:
    """Run all steps; the connection is in autocommit.

    ``fresh`` makes its session as new before; without, the caller may have begun a transaction around all.
    """
    if piece.plan is None:
        return Played(0.0, failure=piece.refusal)
    if fresh:
        connection.execute("DISCARD ALL")
    player = _Player(connection, piece, Meter(connection) if measure else None)
    warnings: list[str] = []
    started = time.perf_counter()
    with _listening(connection, warnings):
        failure = player.play()
    seconds = time.perf_counter() - started
    if fresh:
        # Hand over what this session counted, for whoever looks at the contents next.
        connection.execute("SELECT pg_stat_force_next_flush()")
    return Played(seconds, tuple(warnings), tuple(player.measured), failure)


class _Player:
    """One pass over the groups of a Plan."""

    def __init__(self, connection: psycopg.Connection[Any], piece: Score, meter: Meter | None) -> None:
        assert piece.plan is not None
        self._connection = connection
        self._piece = piece
        self._groups = tuple(transaction_groups(piece.plan.steps))
        self._meter = meter
        self._current: Step | None = None
        self.measured: list[Measured] = []

    def play(self) -> Failure | None:
        """Every group in its transaction, until one fails."""
        for number, group in enumerate(self._groups):
            self._current = group[0]
            try:
                if group[0].transaction is None:
                    self._alone(group[0])
                else:
                    self._together(group)
            except psycopg.Error as error:
                return _failure(self._piece, self._current, error, partly=number > 0)
        return None

    def _alone(self, step: Step) -> None:
        seconds = self._run(step)
        if step.statements:
            self.measured.append(Measured(step.statements[0], seconds, None))

    def _together(self, group: tuple[Step, ...]) -> None:
        if self._meter is not None:
            self._meter.begin()
        with self._connection.transaction():
            for step in group:
                self._current = step
                seconds = self._run(step)
                if self._meter is not None and step.statements:
                    locks, held = self._meter.after()
                    self.measured.append(Measured(step.statements[0], seconds, locks, held))

    def _run(self, step: Step) -> float:
        started = time.perf_counter()
        for sql in step.sql:
            self._connection.execute(sql)
        return time.perf_counter() - started


def _failure(piece: Score, step: Step | None, error: psycopg.Error, *, partly: bool) -> Failure:
    index = step.statements[0] if step and step.statements else None
    line = piece.file.script.statements[index].line if index is not None else None
    return Failure(message_of(error), index, line, error.sqlstate, partly)


@contextlib.contextmanager
def _listening(connection: psycopg.Connection[Any], warnings: list[str]) -> Iterator[None]:
    def hear(notice: psycopg.errors.Diagnostic) -> None:
        if notice.severity_nonlocalized in _WORTH_TELLING and notice.message_primary:
            warnings.append(notice.message_primary)

    connection.add_notice_handler(hear)
    try:
        yield
    finally:
        connection.remove_notice_handler(hear)
