"""Another type for a column that cannot change places with a second one: the whole table changes places with another.

That is so where the server computes something from the column for each row (stored generated columns), or builds an
index that has no form for a table in use (EXCLUDE): a new table has both from the beginning.
"""

from __future__ import annotations

from lockgate.catalog.snapshot import Snapshot
from lockgate.planning.exchange.pair import Pair
from lockgate.planning.rebuild.parts import answered
from lockgate.planning.rebuild.retype import Retype
from lockgate.planning.rebuild.shape import Shape, obstacles
from lockgate.planning.strategies.base import Answer, Question


def anew(question: Question, change: str, pairs: tuple[Pair, ...], snapshot: Snapshot) -> Answer | list[str]:
    """The parts of the rebuild; or why that is not possible either, as words."""
    pair, table = pairs[0], snapshot.tables.get(pairs[0].table.name)
    if table is None or len(pairs) > 1:
        return [f"{one.table.name}.{one.column.name} refers to it" for one in pairs[1:]]
    retype = Retype(
        snapshot,
        table,
        pair.column.name,
        question.words("ALTER COLUMN"),
        pair.up,
        pair.down_or_refused,
        f"the application understands {pair.column.name} as {pair.type}",
        pair.path,
    )
    shape = Shape("UNLOGGED " if table.persistence == "unlogged" else "", retype=retype)
    found = obstacles(snapshot, table, shape)
    return list(found) or answered(snapshot, table, shape, change, _notes(pair, retype))


def _notes(pair: Pair, retype: Retype) -> tuple[str, ...]:
    computed = ", ".join(column.column for column in retype.computed())
    notes = (
        f"a value that {pair.type} cannot hold is refused, and stops the copy at its row, which is named",
        f"until the old table is dropped a value that {pair.old_type} cannot hold is refused",
    )
    last = (
        f"{computed} stands last in the table afterwards: SELECT * and INSERT without names see another order"
    )
    return (*notes, last) if computed else notes
