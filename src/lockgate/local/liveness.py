"""Whether a process still runs. One that has ended but that nobody has waited for yet is not running."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

_ENDED: Final = frozenset("ZXx")
_PROC: Final = Path("/proc")


def is_alive(pid: int) -> bool:
    """Whether a process runs, whoever owns it.

    Signal 0 alone does not tell: it reaches zombies too, which stay for ever where no init process collects orphans,
    as in many containers.
    """
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return state(pid) not in _ENDED


def state(pid: int) -> str:
    """The letter of a process in ``/proc/PID/stat`` (Z for a zombie); empty where it cannot be read."""
    try:
        text = (_PROC / str(pid) / "stat").read_text("utf-8", "replace")
    except OSError:
        return ""
    # The name before it stands in parentheses and may hold anything, also parentheses.
    return text.rpartition(")")[2].split()[0]
