"""Locks between processes: they belong to an open file, so that a killed process leaves none behind."""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator
from pathlib import Path

from lockgate.errors import LeaseHeldError

_POLL_SECONDS = 0.02


@contextlib.contextmanager
def exclusive(path: Path, what: str, patience: float = 120.0) -> Iterator[None]:
    """Hold the lock of a file, waiting for at most ``patience`` seconds; raises LeaseHeldError after that."""
    descriptor = _open(path)
    try:
        _acquire(descriptor, what, patience)
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode("ascii"), 0)
        yield
    finally:
        os.close(descriptor)


def try_lock(path: Path) -> int | None:
    """A descriptor that holds the lock of a file, to be closed by the caller; None when another one holds it."""
    descriptor = _open(path)
    if _try(descriptor):
        return descriptor
    os.close(descriptor)
    return None


def give_away(descriptor: int, folder: Path) -> None:
    """What root makes in somebody's folder belongs to that somebody, who wants to use it later."""
    if os.geteuid() == 0:
        owner = folder.stat()
        os.fchown(descriptor, owner.st_uid, owner.st_gid)


def _open(path: Path) -> int:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    give_away(descriptor, path.parent)
    return descriptor


def _acquire(descriptor: int, what: str, patience: float) -> None:
    deadline = time.monotonic() + patience
    while not _try(descriptor):
        if time.monotonic() >= deadline:
            holder = os.pread(descriptor, 20, 0).decode("ascii", "replace").strip()
            raise LeaseHeldError(
                f"another process is at work: {what}",
                state="nothing was done",
                why=f"process {holder or 'unknown'} has held the lock for more than {patience:.0f} s",
                next_steps=["wait for it to end, then run the same command again"],
            )
        time.sleep(_POLL_SECONDS)


def _try(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
