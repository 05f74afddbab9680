"""What ``lockgate test`` says of files that ``plan`` wrote: a few of the cases each day, all of them nightly."""

from __future__ import annotations

import datetime
import os
from pathlib import Path

from tests.planning.strategies import test_additions, test_columns, test_exchange, test_reshape
from tests.planning.strategies.points import Case, Walk, rotating
from tests.servers import Database

CASES: dict[str, Case] = {
    **{f"column {name}": case for name, case in test_columns.CASES.items()},
    **{f"exchange {name}": case for name, case in test_exchange.CASES.items()},
    **{f"reshape {name}": case for name, case in test_reshape.CASES.items()},
    **{f"add {name}": test_additions.case_of(name) for name in test_additions.CHANGES},
}
SAMPLE = 2


def _sample() -> list[str]:
    names = list(CASES)
    if os.environ.get("LOCKGATE_NIGHTLY") == "1":
        return names
    seed = os.environ.get("LOCKGATE_PLANNING_SEED") or datetime.datetime.now(datetime.UTC).date().isoformat()
    first = SAMPLE * datetime.date.fromisoformat(seed).toordinal()
    return [names[(first + number) % len(names)] for number in range(SAMPLE)]


@rotating(_sample())
def test_every_rollback_is_exact_and_every_lock_foretold(tmp_path: Path, pg: Database, name: str) -> None:
    walk = Walk.begin(tmp_path, pg, CASES[name])
    walk.plan()
    walk.prove()
