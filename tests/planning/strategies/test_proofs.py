"""What ``lockgate test`` says of files that ``plan`` wrote: a few of the cases each day, all of them nightly."""

from __future__ import annotations

from pathlib import Path

from tests.planning.strategies import test_additions, test_columns, test_exchange, test_reshape
from tests.planning.strategies.points import Case, Walk, rotating
from tests.sampling import some_of
from tests.servers import Database

CASES: dict[str, Case] = {
    **{f"column {name}": case for name, case in test_columns.CASES.items()},
    **{f"exchange {name}": case for name, case in test_exchange.CASES.items()},
    **{f"reshape {name}": case for name, case in test_reshape.CASES.items()},
    **{f"add {name}": test_additions.case_of(name) for name in test_additions.CHANGES},
}
SAMPLE = 2


@rotating(some_of(list(CASES), SAMPLE))
def test_every_rollback_is_exact_and_every_lock_foretold(tmp_path: Path, pg: Database, name: str) -> None:
    walk = Walk.begin(tmp_path, pg, CASES[name])
    walk.plan()
    walk.prove()
