"""Which part of an exhaustive test a run takes: another one each day, all of it with ``LOCKGATE_NIGHTLY=1``.

``LOCKGATE_SAMPLE_SEED`` repeats the sample of another day (its date, as in 2025-12-31).
"""

from __future__ import annotations

import datetime
import os
import zlib
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")

NIGHTLY = bool(os.environ.get("LOCKGATE_NIGHTLY"))
SEED = os.environ.get("LOCKGATE_SAMPLE_SEED") or datetime.datetime.now(datetime.UTC).date().isoformat()
DAY = datetime.date.fromisoformat(SEED).toordinal()


def falls_to(name: str, choice: str, choices: Sequence[str]) -> bool:
    """Whether one of some choices takes something today; every choice takes everything in nightly runs."""
    if NIGHTLY:
        return True
    return choices[zlib.crc32(f"{SEED} {name}".encode()) % len(choices)] == choice


def in_turn(choices: Sequence[T], place: int = 0) -> list[T]:
    """The choice whose turn it is today, the next one tomorrow; neighbouring places have different ones."""
    return list(choices) if NIGHTLY else [choices[(DAY + place) % len(choices)]]


def some_of(items: Sequence[T], count: int) -> list[T]:
    """So many of some items, the next ones tomorrow."""
    first = count * DAY
    return list(items) if NIGHTLY else [items[(first + place) % len(items)] for place in range(count)]
