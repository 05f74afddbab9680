"""The places between two effects at which a runner may die; the crash matrix stops the process at each of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

BOUNDARIES: Final = (
    "run begun",
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
"""Every name that :func:`reach` is called with, in the order in which a step passes them."""

_observer: Callable[[str], None] | None = None


def observe(observer: Callable[[str], None] | None) -> None:
    """Call ``observer(name)`` at each boundary from now on; None stops that."""
    global _observer
    _observer = observer


def reach(name: str) -> None:
    """Say that the process has come to a boundary; does nothing outside of tests."""
    if _observer is not None:
        _observer(name)
