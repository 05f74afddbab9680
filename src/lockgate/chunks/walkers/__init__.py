"""The ways to walk a table, one file each. A new way is a file and a line in :data:`WALKERS`."""

from __future__ import annotations

from typing import Final

from lockgate.chunks.walkers.keyset import Keyset
from lockgate.chunks.walkers.pages import Pages
from lockgate.chunks.walkers.strided import Strided
from lockgate.chunks.walkers.walker import Change, Judgement, Range, Source, Walker

WALKERS: Final[tuple[Walker, ...]] = (Keyset(), Strided(), Pages())

__all__ = ["WALKERS", "Change", "Judgement", "Keyset", "Pages", "Range", "Source", "Strided", "Walker"]
