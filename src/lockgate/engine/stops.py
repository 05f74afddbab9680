"""How a run stops: interruption, failure, an empty lock budget; each says the state and what to do next."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import psycopg

from lockgate.engine.failures import Failure, message_of
from lockgate.engine.reporting import Blocker
from lockgate.engine.session import Session
from lockgate.errors import (
    InterruptedRunError,
    LockBudgetError,
    LockgateError,
    NeedsPersonError,
    StepFailedError,
)
from lockgate.planning.plan import Plan, Step

_interrupted = threading.Event()


def interrupted() -> bool:
    """Whether somebody asked this process to stop."""
    return _interrupted.is_set()


@contextmanager
def cancel_on_interrupt(session: Session) -> Iterator[None]:
    """The first Ctrl-C or SIGTERM cancels the statement on the server; a second one leaves at once."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def cancel(number: int, frame: object) -> None:
        if _interrupted.is_set():
            raise KeyboardInterrupt
        _interrupted.set()
        threading.Thread(target=_cancel, args=(session,), daemon=True).start()

    for number in before:
        signal.signal(number, cancel)
    try:
        yield
    except psycopg.errors.QueryCanceled as error:
        if _interrupted.is_set():
            raise _interruption() from error
        raise
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    if _interrupted.is_set():
        raise _interruption()


def _cancel(session: Session) -> None:
    """Ask until the statement has ended: the first request may come before it has begun."""
    connection = session.connection
    for _ in range(50):
        with suppress(psycopg.Error, OSError):
            connection.cancel_safe(timeout=5)
        time.sleep(0.1)
        if connection.closed or connection.info.transaction_status != psycopg.pq.TransactionStatus.ACTIVE:
            return


def _interruption() -> InterruptedRunError:
    _interrupted.clear()
    return InterruptedRunError(
        "Interrupted.",
        state="the statement was cancelled and its transaction rolled back; what a step outside of a transaction left"
        " half done is finished or removed by the next run; what was recorded as done stays done",
        next_steps=["lockgate status   shows what is applied", "lockgate apply   continues from there"],
    )


def is_interruption(error: BaseException) -> bool:
    """Whether an error means that somebody stopped the run."""
    return isinstance(error, InterruptedRunError | KeyboardInterrupt)


def sleep(seconds: float) -> None:
    """Sleep; Ctrl-C raises InterruptedRunError."""
    try:
        time.sleep(seconds)
    except KeyboardInterrupt:
        raise _interruption() from None


def roll_back(connection: psycopg.Connection[Any]) -> None:
    """End an open transaction without saying anything about a connection that is gone."""
    with suppress(psycopg.Error):
        if not connection.closed:
            connection.execute("ROLLBACK")


def quietly(action: Callable[[], object]) -> None:
    """Do something that must not hide the error that is on its way."""
    with suppress(psycopg.Error, LockgateError):
        action()


@contextmanager
def naming(step: Step, sql: str) -> Iterator[None]:
    """Attach the statement to an error of the server."""
    try:
        yield
    except psycopg.Error as error:
        name(error, (step, sql))
        raise


def name(error: psycopg.Error, statement: tuple[Step, str] | None) -> None:
    """Attach to an error of the server the statement that it is about."""
    if statement is not None:
        error.lockgate_statement = statement  # type: ignore[attr-defined]


def words(error: BaseException) -> str:
    """An error as one line for the journal, without the contents of rows."""
    if isinstance(error, psycopg.Error):
        return message_of(error)
    return str(error) or type(error).__name__


def failed(
    plan: Plan, direction: str, steps: Sequence[Step], error: psycopg.Error, failure: Failure
) -> StepFailedError:
    """The error of a statement that the server refused."""
    step, sql = getattr(error, "lockgate_statement", (steps[0], ""))
    number = plan.steps.index(step) + 1
    verb = "Stopped" if direction == "up" else "The rollback stopped"
    return StepFailedError(
        f"{verb} at step {number} of {len(plan.steps)} of {plan.label}: {message_of(error)}",
        state=_state(plan, steps, direction),
        why=_why(step, sql, error, failure),
        next_steps=_next(direction, failure),
        evidence=f"lockgate history {plan.version}",
    )


def _state(plan: Plan, steps: Sequence[Step], direction: str) -> str:
    before = plan.steps.index(steps[0])
    undone = (
        "the failed transaction was rolled back"
        if steps[0].transaction is not None
        else (
            "the failed step ran outside a transaction; what it left half done was removed where that is possible"
        )
    )
    if before == 0:
        return (
            f"{undone}; nothing of this {'migration' if direction == 'up' else 'rollback'} is in the database"
        )
    return f"steps 1 to {before} are done and recorded; {undone}"


def _why(step: Step, sql: str, error: psycopg.Error, failure: Failure) -> str:
    first = sql.strip().splitlines()[0][:160] if sql.strip() else step.title
    context = (error.diag.context or "").splitlines()
    return f"{failure.value}: {first}" + (f"\n{context[0]}" if context else "")


_ADVICE = {
    Failure.PERMISSION: "connect as a role that may do this, or change the statement",
    Failure.DISK_FULL: "free space on the server's disk, then run the command again",
    Failure.READ_ONLY: "find out why the database is read-only, then run the command again",
    Failure.MEMORY: "raise max_locks_per_transaction or split the migration, then run the command again",
    Failure.CANCELLED: "find out who cancelled the statement, then run the command again",
    Failure.TIMEOUT: "raise statement_timeout under [locks] of lockgate.toml, or make the statement quicker",
    Failure.LIMIT: "raise the limit that the message names (temp_file_limit …), or split the migration",
    Failure.DAMAGE: "look into the server's log before anything else; check disks and backups",
    Failure.CONNECTIONS: "free a connection, then run the command again",
}


def _next(direction: str, failure: Failure) -> list[str]:
    command = "lockgate apply" if direction == "up" else "lockgate rollback to VERSION"
    return [
        _ADVICE.get(failure, "correct the file"),
        f"{command}   continues at the failed step",
        "lockgate recover   shows what completed and undoes it if you wish",
    ]


def budget_used_up(
    plan: Plan,
    step: Step,
    tries: int,
    seconds: float,
    found: tuple[Blocker, ...],
    failure: Failure = Failure.LOCK,
) -> LockBudgetError:
    """The error of locks that could not be had, or of tries that all ended in a deadlock or a concurrent change."""
    who = "\n".join(str(blocker) for blocker in found) or "nobody was seen holding them when we looked"
    label = plan.label
    collides = failure in (Failure.DEADLOCK, Failure.SERIALIZATION)
    return LockBudgetError(
        f"{label} met {failure.value} in the last of {tries} tries and {seconds:.0f} s."
        if collides
        else f"The locks of {label} could not be had in {tries} tries and {seconds:.0f} s.",
        state="nothing was changed by this step; nobody waits for us any more",
        why=f"{step.title}\nheld by  {who}",
        next_steps=[
            "lockgate locks --watch   shows who holds what",
            "run the command again at a quieter time, or after these sessions have ended",
        ],
    )


def lost_again(plan: Plan, step: Step, times: int, error: psycopg.Error) -> StepFailedError:
    """The error of a step whose connection was lost again and again; perhaps its statement ends the server."""
    return StepFailedError(
        f"The connection was lost {times} times at the same step of {plan.label}: {step.title}",
        state="the step was rolled back, or is settled by the next run; what is recorded as done stays done",
        why=f"{message_of(error)}; it is not tried again, in case the statement itself ends the server",
        next_steps=[
            "look into the server's log: did a backend crash, or was it killed for want of memory?",
            "run the same command again when the network, or the server, is well: it continues at this step",
        ],
        evidence=f"lockgate history {plan.version}",
    )


def cannot_tell(plan: Plan, step: Step) -> NeedsPersonError:
    """The error of a step that began, whose end nobody saw, and that leaves no trace in the catalog."""
    return NeedsPersonError(
        f"Nobody can tell whether this step of {plan.label} was done: {step.title}",
        state="it was begun by a run that died; it runs outside a transaction and leaves no trace in the catalog",
        next_steps=[
            "look whether its effect is there",
            f"lockgate repair {plan.version} --step {step.id} --done   if it is",
            f"lockgate repair {plan.version} --step {step.id} --not-done   if it is not",
        ],
    )
