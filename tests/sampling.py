"""Which part of an exhaustive test a run takes: another one each day, all of it with ``LOCKGATE_NIGHTLY=1``.

``LOCKGATE_SAMPLE_SEED`` repeats the sample of another day.
"""

from __future__ import annotations

import datetime
import os
import zlib
from collections.abc import Sequence

NIGHTLY = bool(os.environ.get("LOCKGATE_NIGHTLY"))
SEED = os.environ.get("LOCKGATE_SAMPLE_SEED") or datetime.datetime.now(datetime.UTC).date().isoformat()


def falls_to(name: str, choice: str, choices: Sequence[str]) -> bool:
    """Whether one of some choices takes something today; every choice takes everything in nightly runs."""
    if NIGHTLY:
        return True
    return choices[zlib.crc32(f"{SEED} {name}".encode()) % len(choices)] == choice
