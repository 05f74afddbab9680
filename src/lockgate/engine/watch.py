"""A second pair of eyes: looks, while a statement runs, at whom it waits for and who waits behind it.

The watch shares the lease's connection. It looks by the clock, and not at every statement, so that a run of small
migrations pays nothing for it. When too many sessions wait behind us, or one for too long, it cancels our statement;
the runner takes that as a lock that was not granted and tries again later. Sessions in the way are ended where a rule
of the run names them. What takes two seconds or more is reported with what the server knows of its progress.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress

import psycopg

from lockgate.engine import blockers, ending
from lockgate.engine.policy import Patience
from lockgate.engine.reporting import Blocker, Progress, Reporter
from lockgate.engine.session import Session
from lockgate.errors import OutputError
from lockgate.planning.plan import LockPolicy, Step
from lockgate.sql import queries

QUIET = 0.15
"""Statements that end sooner (seconds) are not looked at."""


LONG = 2.0
"""Statements that take longer (seconds) are reported while they run."""

Note = Callable[[Step, Blocker, str], None]
"""Writes down, on the watch's connection, that a session is about to be ended, and why."""


class Watch:
    """Watches the statements of one session from another one."""

    def __init__(self, session: Session, patience: Patience, reporter: Reporter, note: Note) -> None:
        self._session = session
        self._patience = patience
        self._reporter = reporter
        self._note = note
        self._wake = threading.Condition()
        self._current: Watched | None = None
        self._rests = True
        self._ended = False
        self._thread = threading.Thread(target=self._run, name="lockgate-watch", daemon=True)
        self._thread.start()
        self.lock = threading.Lock()

    @contextmanager
    def over(self, step: Step, backend_pid: int, attempt: int, waited: float) -> Iterator[Watched]:
        """Watch whatever the backend executes inside the block."""
        watched = Watched(step, backend_pid, attempt, waited, time.monotonic())
        with self._wake:
            self._current = watched
            if self._rests:
                self._rests = False
                self._wake.notify()
        try:
            yield watched
        finally:
            with self._wake:
                self._current = None

    def stop(self) -> None:
        """End the watch; the connection stays open for its owner."""
        with self._wake:
            self._ended = True
            self._wake.notify()
        self._thread.join(timeout=5)

    def _run(self) -> None:
        while True:
            with self._wake:
                if not self._ended:
                    self._wake.wait(None if self._rests else QUIET / 2)
                if self._ended:
                    return
                watched = self._current
                self._rests = watched is None
            if watched is not None and time.monotonic() - watched.looked >= QUIET:
                with suppress(psycopg.Error, OutputError), self.lock:
                    self._look(watched)
                watched.looked = time.monotonic()

    def _look(self, watched: Watched) -> None:
        connection = self._session.connection
        found = blockers.waited_for(connection, watched.backend_pid)
        queued, stalled = blockers.queued_behind(connection, watched.backend_pid)
        watched.blockers = found or watched.blockers
        watched.queued = max(watched.queued, queued)
        if found or queued:
            waited = watched.waited + time.monotonic() - watched.started
            self._reporter.waiting(watched.step, watched.attempt, waited, found, queued)
        if not found or watched.step.lock_policy is LockPolicy.PATIENT:
            self._tell_progress(watched)
        if found and self._is_overdue(watched):
            self.end_named(watched.step, found)
        if found and self._must_let_go(watched, queued, stalled):
            watched.let_go = True
            connection.execute("SELECT pg_cancel_backend(%s)", [watched.backend_pid])

    def _is_overdue(self, watched: Watched) -> bool:
        """Whether the holders had half of the time that we wait to end by themselves."""
        return time.monotonic() - watched.started > self._patience.lock_timeout_of(watched.attempt) / 2

    def end_named(self, step: Step, found: Sequence[Blocker]) -> int:
        """End those of some sessions that a rule of the run names, each written down before; returns how many."""
        if not self._patience.ends:
            return 0
        connection, ended = self._session.connection, 0
        for blocker, rule in ending.chosen(connection, self._patience.ends, found):
            reason = f"it held a lock that {step.title[:80]!r} needs, and fits --terminate-blockers {rule}"
            self._note(step, blocker, reason)
            if ending.end(connection, blocker):
                ended += 1
                self._reporter.session_ended(step, blocker, reason)
        return ended

    def _tell_progress(self, watched: Watched) -> None:
        now = time.monotonic()
        if now - watched.started < LONG or now - watched.told < 1.0:
            return
        watched.told = now
        row = self._session.connection.execute(
            queries.read("lockgate.engine", "progress"), {"pid": watched.backend_pid}, prepare=True
        ).fetchone()
        self._reporter.progress(watched.step, watched.progress(now, *(row or (None, None, None))))

    def _must_let_go(self, watched: Watched, queued: int, stalled: float) -> bool:
        if watched.let_go or watched.step.lock_policy is LockPolicy.PATIENT:
            return False
        return queued > self._patience.max_queued or stalled > self._patience.max_stall


class Watched:
    """What is known of the statements under watch."""

    def __init__(self, step: Step, backend_pid: int, attempt: int, waited: float, started: float) -> None:
        self.step = step
        self.backend_pid = backend_pid
        self.attempt = attempt
        self.waited = waited
        self.started = self.looked = started
        self.blockers: tuple[Blocker, ...] = ()
        self.queued = 0
        self.let_go = False
        self.told = 0.0
        self._phase: tuple[str | None, float, float] = (None, 0.0, 0.0)

    def progress(self, now: float, phase: str | None, done: float | None, total: float | None) -> Progress:
        """What is known now, with an estimate from the speed since the phase was first seen."""
        name, since, at = self._phase
        if phase != name:
            self._phase = (phase, now, done or 0.0)
        remaining = None
        if phase == name and done is not None and total and done > at:
            remaining = (total - done) * (now - since) / (done - at)
        return Progress(now - self.started, phase, done, total, remaining)
