"""Runs several workers of one process on one job, with one watch between them."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable

import psycopg

from lockgate.chunks.job import Job, get_job
from lockgate.chunks.progress import Progress, read_progress
from lockgate.chunks.table import Connection
from lockgate.chunks.throttle import Throttle
from lockgate.chunks.watch import Connect, Watch
from lockgate.chunks.worker import InServer, Performer, Worker, patiently
from lockgate.errors import ConnectionFailedError

Observer = Callable[[Progress], None]


def work(
    connect: Connect,
    job: Job,
    *,
    workers: int = 1,
    performer: Callable[[], Performer] = InServer,
    observe: Observer | None = None,
    stopped: threading.Event | None = None,
    should_stop: Callable[[], bool] | None = None,
    reconnect_seconds: float = 120.0,
) -> Job:
    """Work on a job until it has ended, is cancelled, or ``stopped`` is set; returns it as it is then.

    ``connect`` opens a connection (direct, not through a transaction pooler); each worker holds one, and the watch one.
    ``should_stop`` is asked about twice a second.
    Raises LockgateError when a worker cannot go on.
    """
    stopped = stopped or threading.Event()
    with connect() as connection:
        connection.autocommit = True
        tables = _tables(connection, job.id)
    watch = Watch(connect, job.id, tables, Throttle(job.settings.ignored_signals))
    crew = _crew(connect, job, workers, watch, stopped, performer, reconnect_seconds)
    watch.look()
    if watch.orders is None:
        raise ConnectionFailedError(
            f"The server was lost before the backfill {job.name} went on.",
            state="nothing was changed by this call",
            next_steps=[f"lockgate backfill work {job.name}"],
        )
    watch.start()
    errors: list[BaseException] = []
    threads = [threading.Thread(target=_guarded, args=(w, stopped, errors), daemon=True) for w in crew]
    try:
        for thread in threads:
            thread.start()
        _wait(threads, stopped, should_stop, _Observation(connect, job, observe))
    finally:
        if any(thread.is_alive() for thread in threads):
            stopped.set()
        for thread in threads:
            thread.join(30.0)
        watch.end()
    if errors:
        raise errors[0]
    return patiently(connect, job, lambda connection: get_job(connection, job.id), reconnect_seconds)


def owner_name(number: int) -> str:
    """How a worker is called in the books: machine, process and number."""
    return f"{socket.gethostname()}:{os.getpid()}:{number}"


def _crew(
    connect: Connect,
    job: Job,
    workers: int,
    watch: Watch,
    stopped: threading.Event,
    performer: Callable[[], Performer],
    reconnect_seconds: float,
) -> list[Worker]:
    crew = [
        Worker(connect, job, owner_name(number), watch, stopped, performer(), reconnect_seconds)
        for number in range(workers)
    ]
    watch.pulses = [worker.pulse for worker in crew]
    return crew


def _guarded(worker: Worker, stopped: threading.Event, errors: list[BaseException]) -> None:
    try:
        worker.run()
    except BaseException as error:  # it is raised again in the caller's thread
        errors.append(error)
        stopped.set()


class _Observation:
    """Reads the progress for whoever looks, through a connection that it keeps."""

    def __init__(self, connect: Connect, job: Job, observe: Observer | None) -> None:
        self._connect, self._job, self._observe = connect, job, observe
        self._connection: Connection | None = None

    def look(self) -> None:
        """Report once; without a connection it is left out, as the workers see the same and decide."""
        if self._observe is None:
            return
        try:
            if self._connection is None or self._connection.closed:
                self._connection = self._connect()
                self._connection.autocommit = True
            self._observe(read_progress(self._connection, self._job.name))
        except (psycopg.Error, ConnectionFailedError):
            self.close()

    def close(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            self._connection.close()
        self._connection = None


def _wait(
    threads: list[threading.Thread],
    stopped: threading.Event,
    should_stop: Callable[[], bool] | None,
    observation: _Observation,
) -> None:
    try:
        while any(thread.is_alive() for thread in threads):
            for thread in threads:
                thread.join(0.5 / len(threads))
            observation.look()
            if should_stop is not None and should_stop():
                stopped.set()
    finally:
        observation.close()


def _tables(connection: Connection, job_id: int) -> tuple[int, ...]:
    rows = connection.execute(
        "SELECT relation::bigint FROM lockgate.backfill_source WHERE job_id = %s ORDER BY number", [job_id]
    ).fetchall()
    return tuple(row[0] for row in rows)
