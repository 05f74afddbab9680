"""A change of type that leaves every value as it is: done in a moment, if what hangs on the column lets it.

The server refuses it while views, policies or triggers name the column, and tests every check on it against all rows
again. So they step aside and return in the transaction of the change: checks unproved, to be proved while reads and
writes go on, and materialized views empty, to be filled behind it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from lockgate.analysis.state.catalog import Catalog
from lockgate.analysis.view import Relation
from lockgate.catalog.snapshot import Snapshot
from lockgate.planning.changes import Part, unproved_again
from lockgate.planning.exchange.around import emptied, filled, in_place, in_the_way, stored_of
from lockgate.planning.exchange.facts import Hung, from_snapshot
from lockgate.planning.exchange.pair import Pair
from lockgate.planning.exchange.pairing import informed
from lockgate.planning.exchange.parts import FILLS
from lockgate.planning.plan import PhaseKind
from lockgate.sql.identifiers import quote

_ACCEPTS: Final = (
    ("drop-view", "it is made again as it was, in the same transaction"),
    ("policy-change", "it is made again as it was, in the same transaction"),
    ("drop-constraint", "it is added again in the same transaction, and proved behind it"),
)


def may_be_hung_on(state: Catalog, table: Relation) -> bool:
    """Whether anything may have to step aside, as far as the files tell; a server tells it for sure."""
    made = any(one.generated for one in table.columns) or any(
        one.kind == "check" for one in table.constraints
    )
    own = made or table.policies or table.triggers or table.rules or table.statistics or table.partial
    return bool(own or state.readers(table.name) or state.children(table.name) or state.all_functions())


def at_once(snapshot: Snapshot, pair: Pair, statement: str) -> tuple[Part, ...] | None:
    """The change with what steps aside for it, the statement alone where nothing has to; None where that takes long."""
    pair = informed(pair, snapshot)
    proved = tuple(
        one for one in from_snapshot(snapshot, (pair,)).constraints if one.type == "check" and one.validated
    )
    if in_the_way(snapshot, (pair,), proved):
        return None
    return tuple(_parts(snapshot, pair, statement, proved))


def _parts(snapshot: Snapshot, pair: Pair, statement: str, proved: tuple[Hung, ...]) -> Iterator[Part]:
    name = pair.column.name
    changed = in_place(snapshot, (pair,), statement, proved)
    yield Part(PhaseKind.EXPAND, f"change type of {name}", changed, accepts=_ACCEPTS)
    if proved:
        back = tuple(unproved_again(one.table, one.name, _unproved(one)) for one in proved)
        sql = tuple(f"ALTER TABLE {one.table.sql} VALIDATE CONSTRAINT {quote(one.name)}" for one in proved)
        yield Part(PhaseKind.MIGRATE, f"prove the checks of {name}", sql, back, one_by_one=True)
    views = stored_of(snapshot, (pair,))
    if views:
        title = f"fill {' '.join(view.name.name for view in views)}"
        yield Part(PhaseKind.MIGRATE, title, filled(views), emptied(views), one_by_one=True, accepts=FILLS)


def _unproved(check: Hung) -> str:
    return f"{check.definition} NOT VALID"
