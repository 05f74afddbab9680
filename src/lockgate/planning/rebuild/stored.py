"""Materialized views of a table that changes places with another: each is made again beside itself, and follows.

A materialized view goes on reading the old table, which is kept in step, so that it can be read and refreshed all the
time. Behind the exchange a second one is filled from the table in use while everybody reads the first, and takes its
name in a moment.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from lockgate.catalog.address import Address, Kind
from lockgate.catalog.model import Index, View
from lockgate.catalog.snapshot import Snapshot
from lockgate.planning.changes import Part
from lockgate.planning.plan import PhaseKind
from lockgate.planning.rebuild.twin import Twin, suffixed
from lockgate.planning.replacing import instead, way
from lockgate.sql.identifiers import quote
from lockgate.sql.parse import deparse, parse_one

_ACCEPTS = (
    *(
        (rule, "the other one takes the name in the same transaction")
        for rule in ("rename-table", "rename-view", "rename-other-object")
    ),
    ("create-index-not-concurrent", "nobody uses it yet"),
    ("grant-or-revoke", "it has the privileges of the one that it succeeds"),
)


def of_table(twin: Twin) -> list[View]:
    """The materialized views that read the table itself."""
    snapshot, table = twin.snapshot, twin.table
    needed = (table.address, *(column.address for column in table.columns))
    found = {one for address in needed for one in snapshot.dependents.get(address, ())}
    return [view for view in snapshot.views() if view.materialized and view.address in found]


def parts(twin: Twin) -> Iterator[Part]:
    """Behind the exchange: make each again over the table in use, then give it the name."""
    views = of_table(twin)
    if not views:
        return
    names = " ".join(view.name.name for view in views)
    forth = [sql for view in views for sql in _exchanged(twin.snapshot, view, "_old", "_new")]
    back = [sql for view in reversed(views) for sql in _exchanged(twin.snapshot, view, "_new", "_old")]
    yield Part(
        PhaseKind.CONTRACT,
        f"fill {names} again",
        tuple(sql for view in views for sql in _made(twin.snapshot, view)),
        tuple(f"DROP MATERIALIZED VIEW {_named(view, '_new')}" for view in reversed(views)),
        one_by_one=True,
        accepts=_ACCEPTS,
    )
    yield Part(PhaseKind.CONTRACT, f"exchange {names}", tuple(forth), tuple(back), accepts=_ACCEPTS)


def forgotten(twin: Twin) -> Iterator[str]:
    """The statements that take away those over the old table."""
    yield from (f"DROP MATERIALIZED VIEW {_named(view, '_old')}" for view in of_table(twin))


def _made(snapshot: Snapshot, view: View) -> tuple[str, ...]:
    name = suffixed(view.name.name, "_new")
    columns = tuple(
        replace(column, address=replace(column.address, name=name), oid=0) for column in view.columns
    )
    new = replace(
        view, address=replace(view.address, name=name), oid=0, type_oid=0, columns=columns, populated=True
    )
    indexes = [_index(index, name) for index in snapshot.indexes_of(view.name)]
    return way(snapshot, instead(snapshot, [new, *indexes]))


def _index(index: Index, view: str) -> Index:
    name = suffixed(index.name.name, "_new")
    tree = dict(parse_one(index.definition).tree)
    tree |= {"idxname": name, "relation": {**tree["relation"], "relname": view}}
    return replace(
        index,
        address=Address(Kind.INDEX, index.name.schema, name),
        oid=0,
        table=replace(index.table, name=view),
        definition=deparse({"IndexStmt": tree}),
    )


def _exchanged(snapshot: Snapshot, view: View, going: str, coming: str) -> Iterator[str]:
    """The one in use gets a suffix, the one that has the other suffix takes its name; with their indexes."""
    things = [("MATERIALIZED VIEW", view.name)]
    things += [("INDEX", index.name) for index in snapshot.indexes_of(view.name)]
    for kind, thing in things:
        other = Twin.beside(thing, coming).sql
        yield f"ALTER {kind} {thing.sql} RENAME TO {quote(suffixed(thing.name, going))}"
        yield f"ALTER {kind} {other} RENAME TO {quote(thing.name)}"


def _named(view: View, suffix: str) -> str:
    return Twin.beside(view.name, suffix).sql
