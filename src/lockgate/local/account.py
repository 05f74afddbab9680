"""As whom a server runs: PostgreSQL refuses root, so root has to lend it another user."""

from __future__ import annotations

import os
import pwd
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from lockgate.errors import LocalServerError

_CAP_CHOWN = 0
_CAP_DAC_OVERRIDE = 1
_CAP_DAC_READ_SEARCH = 2
_CAP_SETGID = 6
_CAP_SETUID = 7
_CAP_SETPCAP = 8
_NO_CAPABILITY = -1
_NAMESPACE = "namespace"
_LAUNCHER = str(Path(__file__).with_name("launch.py"))


@dataclass(frozen=True, slots=True)
class Account:
    """The user a server runs as, and the words that a command line begins with to become it.

    ``uid`` and ``gid`` own the server's files; ``prefix`` is empty when nothing has to change.
    """

    uid: int
    gid: int
    prefix: tuple[str, ...] = ()

    def command(self, program: Path, *arguments: str) -> list[str]:
        """A command line that runs a program as this account."""
        return [*self.prefix, str(program), *arguments]

    def own(self, path: Path) -> None:
        """Hand a file or folder over to this account, when we are somebody else."""
        if self.prefix and self.prefix[-3] != _NAMESPACE:
            os.chown(path, self.uid, self.gid, follow_symlinks=False)


def choose(folder: Path, must_reach: Iterable[Path] = ()) -> Account:
    """The account for a server whose data lie in ``folder`` and whose programs lie in ``must_reach``.

    An ordinary user runs it as itself. Root lends it the owner of ``folder``, or ``nobody`` when root owns that too;
    raises LocalServerError when root may do neither that nor open a user namespace.
    """
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid())
    uid, gid = _unprivileged(folder)
    if not _may_become(uid):
        return _in_namespace()
    capability = _capability(uid, gid, (folder, *must_reach))
    if capability != _NO_CAPABILITY and not _holds(_CAP_SETPCAP):
        return _in_namespace()
    return Account(uid, gid, _launch(str(uid), str(gid), str(capability)))


def _launch(user: str, group: str, capability: str) -> tuple[str, ...]:
    return (sys.executable, "-I", "-S", _LAUNCHER, user, group, capability)


def _in_namespace() -> Account:
    if not Path("/proc/self/ns/user").exists():
        raise LocalServerError(
            "PostgreSQL does not run as root, and this root may not become another user",
            state="nothing was started",
            next_steps=["run the command as an ordinary user"],
        )
    return Account(os.geteuid(), os.getegid(), _launch(_NAMESPACE, "-", "-"))


def _unprivileged(folder: Path) -> tuple[int, int]:
    existing = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    status = existing.stat()
    if status.st_uid != 0:
        return status.st_uid, status.st_gid
    try:
        entry = pwd.getpwnam("nobody")
    except KeyError:
        return 65534, 65534
    return entry.pw_uid, entry.pw_gid


def _may_become(uid: int) -> bool:
    if not sys.platform.startswith("linux"):
        return True
    needed = (_CAP_CHOWN, _CAP_SETGID, _CAP_SETUID)
    return all(_holds(capability) for capability in needed) and _is_mapped(uid)


def _is_mapped(uid: int) -> bool:
    ranges = (line.split() for line in Path("/proc/self/uid_map").read_text("ascii").splitlines())
    return any(int(first) <= uid < int(first) + int(count) for first, _, count in ranges)


def _holds(capability: int) -> bool:
    for line in Path("/proc/self/status").read_text("utf-8").splitlines():
        if line.startswith("CapEff:"):
            return bool(int(line.split()[1], 16) >> capability & 1)
    return False


def _capability(uid: int, gid: int, paths: Iterable[Path]) -> int:
    if not sys.platform.startswith("linux") or all(_can_enter(uid, gid, path) for path in paths):
        return _NO_CAPABILITY
    return _CAP_DAC_READ_SEARCH if _holds(_CAP_DAC_READ_SEARCH) else _CAP_DAC_OVERRIDE


def _can_enter(uid: int, gid: int, path: Path) -> bool:
    absolute = path.resolve()
    return all(_can_search(uid, gid, folder) for folder in absolute.parents)


def _can_search(uid: int, gid: int, folder: Path) -> bool:
    try:
        status = folder.stat()
    except OSError:
        return True  # it will be made by us
    if status.st_uid == uid:
        return bool(status.st_mode & 0o100)
    return bool(status.st_mode & (0o010 if status.st_gid == gid else 0o001))
