"""The places between two effects at which a runner may die; the crash matrix stops the process at each of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

OF_A_RUN: Final = ("run begun", "run ended", "before note", "after note")
"""Those that a run passes once, whatever it does: at its beginning, and when it leaves its witness at its end."""

BOUNDARIES: Final = (
    *OF_A_RUN,
    "migration begun",
    "before intent",
    "after intent",
    "statement begins",
    "statement ended",
    "before commit",
    "after commit",
    "before done",
    "after done",
)
"""Every name that :func:`reach` is called with; those of a step in the order in which it passes them."""

_observer: Callable[[str], None] | None = None


def observe(observer: Callable[[str], None] | None) -> None:
    """Call ``observer(name)`` at each boundary from now on; None stops that."""
    global _observer
    _observer = observer


def reach(name: str) -> None:
    """Say that the process has come to a boundary; does nothing outside of tests."""
    if _observer is not None:
        _observer(name)
