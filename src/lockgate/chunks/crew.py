"""Runs several workers of one process on one job, with one watch between them."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable

from lockgate.chunks.job import Job, get_job
from lockgate.chunks.progress import Progress, read_progress
from lockgate.chunks.throttle import Throttle
from lockgate.chunks.watch import Connect, Watch
from lockgate.chunks.worker import InServer, Performer, Worker

Observer = Callable[[Progress], None]


def work(
    connect: Connect,
    job: Job,
    *,
    workers: int = 1,
    performer: Callable[[], Performer] = InServer,
    observe: Observer | None = None,
    stopped: threading.Event | None = None,
    reconnect_seconds: float = 120.0,
) -> Job:
    """Work on a job until it has ended, is cancelled, or ``stopped`` is set; returns it as it is then.

    ``connect`` opens a connection (direct, not through a transaction pooler); each worker holds one, and the watch one.
    Raises LockgateError when a worker cannot go on.
    """
    stopped = stopped or threading.Event()
    with connect() as connection:
        connection.autocommit = True
        tables = _tables(connection, job.id)
    watch = Watch(connect, job.id, tables, Throttle(job.settings.ignored_signals))
    crew = _crew(connect, job, workers, watch, stopped, performer, reconnect_seconds)
    watch.look()
    watch.start()
    errors: list[BaseException] = []
    threads = [threading.Thread(target=_guarded, args=(w, stopped, errors), daemon=True) for w in crew]
    try:
        for thread in threads:
            thread.start()
        _wait(threads, connect, job, observe)
    finally:
        stopped_early = any(thread.is_alive() for thread in threads)
        stopped.set() if stopped_early else None
        for thread in threads:
            thread.join(30.0)
        watch.end()
    if errors:
        raise errors[0]
    with connect() as connection:
        return get_job(connection, job.id)


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


def _wait(threads: list[threading.Thread], connect: Connect, job: Job, observe: Observer | None) -> None:
    while any(thread.is_alive() for thread in threads):
        for thread in threads:
            thread.join(0.5 / len(threads))
        if observe is not None:
            _observe(connect, job, observe)


def _observe(connect: Connect, job: Job, observe: Observer) -> None:
    import psycopg

    try:
        with connect() as connection:
            connection.autocommit = True
            observe(read_progress(connection, job.name))
    except psycopg.Error:
        return  # the workers see the same and decide


def _tables(connection: object, job_id: int) -> tuple[int, ...]:
    import psycopg

    assert isinstance(connection, psycopg.Connection)
    rows = connection.execute(
        "SELECT relation::bigint FROM lockgate.backfill_source WHERE job_id = %s ORDER BY number", [job_id]
    ).fetchall()
    return tuple(row[0] for row in rows)
