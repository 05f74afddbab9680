"""Opens a target for reading or for a run: sessions, journal, history, lease, runner, all or nothing.

What only a run needs is imported by it: a look at a target is over before that would be read.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import psycopg

from lockgate.config import Config, Locks, Target
from lockgate.engine import connecting
from lockgate.engine.boundaries import reach
from lockgate.engine.policy import Patience
from lockgate.engine.session import Session
from lockgate.errors import (
    HistoryError,
    LeaseHeldError,
    LockgateError,
    StepFailedError,
    UnfitTargetError,
)
from lockgate.journal import format as journal_format
from lockgate.journal import witness as witnesses
from lockgate.journal.history import History, history_for
from lockgate.journal.model import RunStatus
from lockgate.journal.reader import JournalReader
from lockgate.journal.witness import Witness
from lockgate.workflow import witness as seen
from lockgate.workflow.opened import Reading, Run, Sighting

if TYPE_CHECKING:
    from lockgate.engine.ending import Rule
    from lockgate.engine.executors import Executors
    from lockgate.engine.reporting import Reporter
    from lockgate.journal.writer import JournalWriter
    from lockgate.migration.model import Project


def patience_of(locks: Locks) -> Patience:
    """The engine's limits as ``[locks]`` of lockgate.toml sets them."""
    return Patience(
        lock_timeout=locks.lock_timeout,
        lock_timeout_limit=max(locks.lock_timeout, locks.lock_timeout_max),
        tries=locks.tries,
        budget=locks.budget,
        first_sleep=locks.pause,
        longest_sleep=locks.pause_max,
        max_queued=locks.max_queued,
        max_stall=locks.max_stall,
        statement_timeout=locks.statement_timeout,
        idle_in_transaction_timeout=locks.idle_in_transaction_timeout,
        reconnect_budget=locks.reconnect_budget,
    )


def search_path_of(config: Config) -> str | None:
    """What every migration starts with: what the platform's own tools give it."""
    return '"$user", public, extensions' if config.platform == "supabase" else None


def conninfo_of(config: Config, target: Target) -> str:
    """The connection string of a target; the embedded server is asked for its own and started when it is not running.

    Raises LocalServerError when it cannot be started.
    """
    if not target.embedded:
        return target.conninfo
    from lockgate.local import server

    return server.ensure_running(config).url


@contextmanager
def reading(config: Config, target: Target) -> Iterator[Reading]:
    """Look at a target: no lease, no journal is created, standbys are welcome.

    Raises ConnectionFailedError when the connection is lost in the middle, UnfitTargetError when this role may not
    read what is needed.
    """
    session = Session(
        conninfo_of(config, target),
        uuid.uuid4(),
        part="read",
        patience=patience_of(config.locks),
        search_path=search_path_of(config),
        writable=False,
    )
    try:
        yield Reading(session, JournalReader(session.connection), history_for(config.platform))
    except psycopg.OperationalError as error:
        raise connecting.explain(error, target.conninfo) from error
    except psycopg.errors.InsufficientPrivilege as error:
        raise UnfitTargetError(
            f"This role may not read what is needed: {error.diag.message_primary}",
            state="nothing was changed: the target was only looked at",
            next_steps=["connect as the role that applies the migrations, or as a member of it"],
        ) from error
    finally:
        session.close()


@contextmanager
def running(
    config: Config,
    target: Target,
    kind: str,
    *,
    reporter: Reporter | None = None,
    executors: Executors | None = None,
    ends: tuple[Rule, ...] = (),
    project: Project | None = None,
) -> Iterator[Run]:
    """Change a target: takes the lease, records the run and how it ends; ``ends`` names sessions that may be ended.

    Raises UnfitTargetError or ConnectionFailedError when the target cannot be used, LeaseHeldError when another runner
    is at work, HistoryError when the journal was lost or is older than the database; the ``project``'s files then tell
    whether its schema is gone as well.
    """
    from lockgate.engine import lease as leases
    from lockgate.engine.runner import Runner
    from lockgate.journal.writer import JournalWriter

    run_id = uuid.uuid4()
    conninfo, patience = conninfo_of(config, target), replace(patience_of(config.locks), ends=ends)
    history = history_for(config.platform)
    with ExitStack() as stack:
        session = Session(conninfo, run_id, patience=patience, search_path=search_path_of(config))
        stack.callback(session.close)
        witness, sightings = _witness(session, history, kind, project, target)
        journal_format.ensure(session.connection)
        history.ensure(session.connection)
        lease_session = session.sibling("lease")
        stack.callback(lease_session.close)
        lease = leases.take(lease_session, above=witness.note.token if witness.note else 0)
        journal = JournalWriter(session.connection, run_id, lease.token)
        journal.begin_run(kind, leases.holder(), session.identity.system_identifier)
        reach("run begun")
        runner = Runner(session, lease, journal, executors=executors, reporter=reporter)
        stack.callback(runner.close)
        if reporter is not None:
            session.on_notice(reporter.notice)
        run = Run(run_id, kind, session, journal, history, runner, witness, sightings)
        with _recorded(run):
            yield run


CORRECTIONS = ("baseline", "repair")
"""The commands by which a person sets a journal right: they are not stopped by one that was lost."""

_LOOK = ("apply", "rollback", "recover", "local reset", *CORRECTIONS)
"""The commands that have compared the schema with what the last run left, or that a person answers for."""


def _witness(
    session: Session, history: History, kind: str, project: Project | None, target: Target
) -> tuple[Witness, tuple[Sighting, ...]]:
    if kind in CORRECTIONS:
        return witnesses.read(session.connection), ()
    return seen.admit(Reading(session, JournalReader(session.connection), history), project, target.name)


@contextmanager
def _recorded(run: Run) -> Iterator[None]:
    """Write down how the run ended; when even that fails, the next run marks it as abandoned."""
    from lockgate.engine import stops

    try:
        yield
    except BaseException as error:
        stopped = stops.is_interruption(error)
        stops.quietly(run.session.pin)
        status = RunStatus.INTERRUPTED if stopped else RunStatus.FAILED
        _quietly_end(run.journal, status, stops.words(error))
        if not isinstance(error, HistoryError | LeaseHeldError):
            stops.quietly(lambda: _leave_witness(run))
        if isinstance(error, psycopg.Error):
            raise _unforeseen(error) from error
        raise
    run.journal.end_run(RunStatus.DONE)
    stops.quietly(lambda: _leave_witness(run))


def _leave_witness(run: Run) -> None:
    """Write down what the next run should meet; for a run that has ended well or not."""
    if run.kind not in _LOOK:
        return
    reach("run ended")
    versions = [entry.version for entry in run.history.applied(run.connection, statements=False)]
    newest, token = max(versions, default=""), run.journal.token
    witnesses.leave(run.connection, run.id, token, run.session.identity.timeline, newest)
    reach("before note")
    witnesses.note(run.connection, token, newest, len(versions))
    reach("after note")


def _unforeseen(error: psycopg.Error) -> StepFailedError:
    """The error of a statement of our own that the server refused."""
    from lockgate.engine import stops

    return StepFailedError(
        f"The server refused a statement of Lockgate itself: {stops.words(error)}",
        state="what is recorded as done stays done; nothing is left open",
        next_steps=["lockgate status   shows what is applied", "run the same command again: it continues"],
    )


def _quietly_end(journal: JournalWriter, status: RunStatus, text: str) -> None:
    try:
        journal.end_run(status, text)
    except (psycopg.Error, LockgateError):
        return
