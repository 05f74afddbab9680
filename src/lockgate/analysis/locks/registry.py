"""Who knows which statement: one family of statements per file, listed here."""

from __future__ import annotations

from collections.abc import Callable

from lockgate.analysis.locks import (
    catalog_entries,
    data,
    drops,
    indexes,
    maintenance,
    renames,
    routines,
    servers,
    tables,
    triggers,
    types,
    views,
)
from lockgate.analysis.locks.alter import table
from lockgate.analysis.locks.forecast import NOTHING, Forecast
from lockgate.analysis.locks.harmless import HARMLESS
from lockgate.analysis.locks.ledger import Ledger
from lockgate.analysis.locks.scene import Scene
from lockgate.analysis.view import StateView
from lockgate.sql.parse import Node, Statement

Handler = Callable[[Ledger, Node], None]

FAMILIES = (
    table,
    catalog_entries,
    data,
    drops,
    indexes,
    maintenance,
    renames,
    routines,
    servers,
    tables,
    triggers,
    types,
    views,
)

HANDLERS: dict[str, Handler] = {
    kind: handler for family in FAMILIES for kind, handler in family.HANDLERS.items()
}
"""The handler of each kind of statement; the others are harmless, or not known."""

_UNKNOWN = Forecast(opaque=True, why="Nothing is known about this kind of statement.")
_UNREADABLE = Forecast(opaque=True, why="The statement cannot be parsed.")


def forecast(statement: Statement, state: StateView, major: int) -> Forecast:
    """The locks, rewrites, scans and index builds of one statement on one server version.

    ``state`` is the schema that the statement meets. Nothing is run; the same question always has the same answer.
    """
    handler = HANDLERS.get(statement.kind)
    if handler is None:
        return NOTHING if statement.kind in HARMLESS else _UNREADABLE if statement.failure else _UNKNOWN
    ledger = Ledger(Scene(state, major), follow, statement)
    handler(ledger, statement.tree)
    return ledger.close()


def follow(ledger: Ledger, kind: str, tree: Node) -> None:
    """Write down a statement within another one; what a block refuses, its inner statements refuse as well."""
    handler = HANDLERS.get(kind)
    if handler is not None:
        handler(ledger, tree)
