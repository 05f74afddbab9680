"""A second pair of eyes: looks, while a statement runs, at whom it waits for and who waits behind it.

The watch shares the lease's connection. It sleeps while statements are quick, so that a run of small migrations pays
nothing for it. When too many sessions wait behind us, or one for too long, it cancels our statement; the runner takes
that as a lock that was not granted and tries again later.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psycopg

from lockgate.engine import blockers
from lockgate.engine.policy import Patience
from lockgate.engine.reporting import Blocker, Reporter
from lockgate.engine.session import Session
from lockgate.planning.plan import LockPolicy, Step

QUIET = 0.15
"""Statements that end sooner (seconds) are not looked at."""


class Watch:
    """Watches the statements of one session from another one."""

    def __init__(self, session: Session, patience: Patience, reporter: Reporter) -> None:
        self._session = session
        self._patience = patience
        self._reporter = reporter
        self._wake = threading.Condition()
        self._current: _Watched | None = None
        self._ended = False
        self._thread = threading.Thread(target=self._run, name="lockgate-watch", daemon=True)
        self._thread.start()
        self.lock = threading.Lock()

    @contextmanager
    def over(self, step: Step, backend_pid: int, attempt: int, waited: float) -> Iterator[_Watched]:
        """Watch whatever the backend executes inside the block."""
        watched = _Watched(step, backend_pid, attempt, waited, time.monotonic())
        with self._wake:
            self._current = watched
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
                if self._current is None and not self._ended:
                    self._wake.wait()
                if self._ended:
                    return
                watched = self._current
                self._wake.wait(QUIET)
                if self._current is not watched or watched is None:
                    continue
            with suppress(psycopg.Error), self.lock:
                self._look(watched)

    def _look(self, watched: _Watched) -> None:
        connection = self._session.connection
        found = blockers.waited_for(connection, watched.backend_pid)
        queued, stalled = blockers.queued_behind(connection, watched.backend_pid)
        watched.blockers = found or watched.blockers
        watched.queued = max(watched.queued, queued)
        if found or queued:
            waited = watched.waited + time.monotonic() - watched.started
            self._reporter.waiting(watched.step, watched.attempt, waited, found, queued)
        if found and self._must_let_go(watched, queued, stalled):
            watched.let_go = True
            connection.execute("SELECT pg_cancel_backend(%s)", [watched.backend_pid])

    def _must_let_go(self, watched: _Watched, queued: int, stalled: float) -> bool:
        if watched.let_go or watched.step.lock_policy is LockPolicy.PATIENT:
            return False
        return queued > self._patience.max_queued or stalled > self._patience.max_stall


class _Watched:
    """What is known of the statements under watch."""

    def __init__(self, step: Step, backend_pid: int, attempt: int, waited: float, started: float) -> None:
        self.step = step
        self.backend_pid = backend_pid
        self.attempt = attempt
        self.waited = waited
        self.started = started
        self.blockers: tuple[Blocker, ...] = ()
        self.queued = 0
        self.let_go = False
