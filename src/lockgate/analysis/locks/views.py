"""Views, materialized views and rules."""

from __future__ import annotations

from lockgate.analysis.locks.data import reader
from lockgate.analysis.locks.ledger import Ledger
from lockgate.analysis.locks.queries import Depth
from lockgate.analysis.state import names
from lockgate.sql.parse import Node
from lockgate.types import LockMode

_FULL = LockMode.ACCESS_EXCLUSIVE


def create_view(ledger: Ledger, tree: Node) -> None:
    """CREATE [OR REPLACE] VIEW: the tables are only read, a view that is replaced is closed."""
    schema, name = names.range_var(tree["view"])
    known = ledger.scene.state.relation(schema, name)
    new = ledger.scene.new_name("pg_temp" if tree["view"].get("relpersistence") == "t" else schema, name)
    if tree.get("replace") and known is not None:
        ledger.lock(known.name, _FULL)
    else:
        ledger.create(new)
    ((kind, inside),) = tree["query"].items()
    reader(ledger, Depth.ANALYSED).statement(kind, inside)


def refresh(ledger: Ledger, tree: Node) -> None:
    """REFRESH MATERIALIZED VIEW: readers wait for the query; CONCURRENTLY they go on, and only writers wait."""
    view = ledger.scene.relation(tree["relation"])
    concurrent = bool(tree.get("concurrent"))
    empty = bool(tree.get("skipData"))
    builds = (bool(view.indexes) or view.partial) and not concurrent and not empty
    ledger.lock(
        view.name,
        LockMode.EXCLUSIVE if concurrent else _FULL,
        rewrite=not concurrent,
        scan=concurrent or builds,
        index_build=builds,
    )
    query = (view.query or {}).get("SelectStmt")
    if query is not None and not empty:
        reader(ledger).select(query)
    ledger.because("The query of the view is run under the lock.")


def create_rule(ledger: Ledger, tree: Node) -> None:
    """CREATE RULE: the table is closed, and what the rule does is analysed."""
    ledger.lock(ledger.scene.range_var(tree["relation"]), _FULL)
    for action in tree.get("actions", ()):
        ((kind, inside),) = action.items()
        reader(ledger, Depth.ANALYSED).statement(kind, inside, frozenset({"old", "new"}))


HANDLERS = {"ViewStmt": create_view, "RefreshMatViewStmt": refresh, "RuleStmt": create_rule}
