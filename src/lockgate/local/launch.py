"""Run a program as another user: ``python launch.py UID GID CAPABILITY PROGRAM [ARGUMENT…]``.

PostgreSQL refuses to run as root. This file is a script of its own, run with ``-I -S`` before the program, because
the same steps in a ``preexec_fn`` would run between fork and exec of a process that may have threads.

Two ways, chosen by ``lockgate.local.account``:

* ``UID`` a number: become that user and keep at most one capability, which the program inherits as an ambient one.
  With ``CAP_DAC_READ_SEARCH`` it can reach its own files below a folder that only root may enter.
* ``UID`` is ``namespace``: stay the same user for the file system, but appear as user 1000 inside of a new user
  namespace. This is for containers in which root is the only user there is.
"""

from __future__ import annotations

import ctypes
import os
import sys

_PR_SET_SECUREBITS = 28
_SECBIT_NO_SETUID_FIXUP = 1 << 2
_PR_CAP_AMBIENT = 47
_PR_CAP_AMBIENT_RAISE = 2
_CAPABILITY_VERSION_3 = 0x20080522
_CLONE_NEWUSER = 0x10000000
_INSIDE_ID = 1000


def _check(result: int, what: str) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def become(uid: int, gid: int, capability: int) -> None:
    """Change the user for good and keep ``capability`` (none when negative); raises OSError."""
    libc = ctypes.CDLL(None, use_errno=True)
    if capability >= 0:
        # Keeps capabilities over the change of user, and lets access(2), which PostgreSQL asks before it runs a
        # program of its own, count them.
        _check(libc.prctl(_PR_SET_SECUREBITS, _SECBIT_NO_SETUID_FIXUP, 0, 0, 0), "PR_SET_SECUREBITS")
    os.setgroups([])
    os.setresgid(gid, gid, gid)
    os.setresuid(uid, uid, uid)
    if capability >= 0:
        _keep(libc, capability)


def _keep(libc: ctypes.CDLL, capability: int) -> None:
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    low, high = capability % 32, capability // 32
    sets = (ctypes.c_uint32 * 6)(*([0] * 6))
    for offset in range(3):  # effective, permitted, inheritable
        sets[high * 3 + offset] = 1 << low
    _check(libc.capset(header, sets), "capset")
    _check(libc.prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE, capability, 0, 0), "PR_CAP_AMBIENT_RAISE")


def enter_namespace() -> None:
    """Appear as an ordinary user in a new user namespace; raises OSError where that is forbidden."""
    uid, gid = os.geteuid(), os.getegid()
    libc = ctypes.CDLL(None, use_errno=True)
    _check(libc.unshare(_CLONE_NEWUSER), "unshare")
    _write("/proc/self/setgroups", "deny")
    _write("/proc/self/uid_map", f"{_INSIDE_ID} {uid} 1")
    _write("/proc/self/gid_map", f"{_INSIDE_ID} {gid} 1")


def _write(path: str, text: str) -> None:
    with open(path, "w", encoding="ascii") as stream:  # noqa: PTH123 -- pathlib would double the start-up time
        stream.write(text)


def main(arguments: list[str]) -> None:
    """Change the user as asked and become the program; never returns."""
    user, group, capability, program, *rest = arguments
    if user == "namespace":
        enter_namespace()
    else:
        become(int(user), int(group), int(capability))
    os.execv(program, [program, *rest])  # noqa: S606 -- the program is an absolute path of our own choice


if __name__ == "__main__":
    main(sys.argv[1:])
