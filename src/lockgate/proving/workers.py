"""Workers in processes of their own: they ask for claims and hand results over through pipes."""

from __future__ import annotations

import multiprocessing
import multiprocessing.connection
import os
import signal
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from lockgate import config as settings
from lockgate.errors import LockgateError
from lockgate.local import flavours
from lockgate.migration.files import discover
from lockgate.proving.history import Claim, Order, Tell, claim_all, walk
from lockgate.proving.seeding import read_seeds


@dataclass(frozen=True, slots=True)
class Job:
    """All that a worker needs to begin; it reads the project by itself."""

    root: Path
    major: int
    order: Order
    seeds: tuple[Path, ...] = ()
    until: str | None = None


def run(job: Job, tell: Tell, *, workers: int) -> None:
    """Prove the migrations of a project with some workers; with one, in this very process.

    Raises LockgateError when a worker cannot go on.
    """
    if workers <= 1:
        _work(job, claim_all(), tell)
    else:
        _run_processes(job, tell, workers)


def sensible_number(migrations: int) -> int:
    """How many workers are worth their start: one for each processor, and none for less than eight migrations."""
    return max(1, min(os.cpu_count() or 1, 8, migrations // 8))


def _work(job: Job, claim: Claim, tell: Tell) -> None:
    found = settings.load(job.root)
    migrations = discover(found).migrations
    walk(flavours.named(found.platform), job.major, migrations, job.order, claim, tell, read_seeds(job.seeds))


def _run_processes(job: Job, tell: Tell, workers: int) -> None:
    context = multiprocessing.get_context("spawn")
    processes: list[Any] = []
    pipes: list[Connection] = []
    try:
        for _ in range(workers):
            ours, theirs = context.Pipe()
            process = context.Process(target=_worker, args=(job, theirs), daemon=True)
            process.start()
            theirs.close()
            processes.append(process)
            pipes.append(ours)
        _serve(pipes, tell)
    finally:
        for pipe in pipes:
            pipe.close()
        _end(processes)


def _serve(pipes: Sequence[Connection], tell: Tell) -> None:
    """Answer claims and take results until every worker is done; raises what one of them could not bear."""
    claim, waiting = claim_all(), list(pipes)
    while waiting:
        for pipe in multiprocessing.connection.wait(waiting):
            assert isinstance(pipe, Connection)
            try:
                word, value = pipe.recv()
            except EOFError:
                raise _lost() from None
            if word == "claim":
                pipe.send(claim(value))
            elif word == "done":
                waiting.remove(pipe)
                if value is not None:
                    raise value
            else:
                tell(word, value)


def _worker(job: Job, pipe: Connection) -> None:
    """The body of a worker process."""
    signal.signal(signal.SIGTERM, _interrupt)

    def claim(what: str) -> bool:
        pipe.send(("claim", what))
        return bool(pipe.recv())

    def tell(topic: str, value: Any) -> None:
        pipe.send((topic, value))

    try:
        _work(job, claim, tell)
        pipe.send(("done", None))
    except LockgateError as error:
        pipe.send(("done", _portable(error)))
    except (KeyboardInterrupt, EOFError, BrokenPipeError):
        # The parent is gone, or wants us to be.
        return
    except Exception as error:
        pipe.send(
            ("done", LockgateError(f"a worker failed: {type(error).__name__}: {error}", state=_NOTHING))
        )


def _portable(error: LockgateError) -> LockgateError:
    """The error in a form that can be sent: some classes cannot be made again from their message alone."""
    if type(error).__init__ is LockgateError.__init__:
        return error
    return LockgateError(
        error.message,
        state=error.state,
        why=error.why,
        next_steps=error.next_steps,
        evidence=error.evidence,
    )


_NOTHING = "only throwaway databases were touched"


def _interrupt(signum: int, frame: object) -> None:
    raise KeyboardInterrupt


def _end(processes: Sequence[Any]) -> None:
    for process in processes:
        process.join(timeout=0.05)
        if process.is_alive():
            process.terminate()
    for process in processes:
        process.join(timeout=20)


def _lost() -> LockgateError:
    return LockgateError(
        "a worker of the proof went away",
        state=_NOTHING,
        why="its process was killed, perhaps for want of memory",
        next_steps=["run the command again with --jobs 1"],
    )
