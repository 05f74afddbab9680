"""Drop a view, routine, trigger, type, domain or sequence behind a gate, with everything of it in the rollback.

Nothing of a schema can be renamed out of the way without being missed, but these can be made again in a moment: the way
back holds the definition, the privileges, the comment and the triggers as the server has them. What depends on it stops
the drop, also behind CASCADE: it is named, to be dropped or changed first. One that the same change makes again is
replaced in one transaction, without a gate, and keeps its privileges and its comment.
"""

from __future__ import annotations

from typing import Final

from lockgate.analysis.state.catalog import Catalog
from lockgate.analysis.state.names import dotted, range_var
from lockgate.catalog.address import Address, Kind
from lockgate.catalog.model import CatalogObject, Relation
from lockgate.catalog.snapshot import Snapshot
from lockgate.planning.changes import Part
from lockgate.planning.plan import PhaseKind
from lockgate.planning.replacing import way, without
from lockgate.planning.routines import routine_of, types_of
from lockgate.planning.strategies.base import Answer, Question, Strategy
from lockgate.sql.parse import Statement

_KINDS: Final = {
    "OBJECT_VIEW": Kind.VIEW,
    "OBJECT_MATVIEW": Kind.MATERIALIZED_VIEW,
    "OBJECT_SEQUENCE": Kind.SEQUENCE,
    "OBJECT_TYPE": Kind.TYPE,
    "OBJECT_DOMAIN": Kind.DOMAIN,
    "OBJECT_TRIGGER": Kind.TRIGGER,
    "OBJECT_FUNCTION": Kind.FUNCTION,
    "OBJECT_PROCEDURE": Kind.PROCEDURE,
}


_WHOLE: Final = (Kind.VIEW, Kind.MATERIALIZED_VIEW, Kind.FUNCTION, Kind.PROCEDURE, Kind.TRIGGER, Kind.POLICY)
"""Kinds that can be dropped for another object and made again; from a table nothing is taken."""


def plan(question: Question) -> Answer | None:
    """The drop as it stands behind a gate; None for several at once, or where the schema cannot be read."""
    snapshot = question.schema()
    found = _dropped(question, snapshot) if snapshot is not None else None
    if snapshot is None or found is None:
        return None
    dependents = _dependents(snapshot, found)
    for number, later in enumerate(question.rest):
        if not dependents and _makes(later, found, question.state):
            return _replaced(question, snapshot, found, number)
    return _gone(question, snapshot, found, dependents)


def _gone(question: Question, snapshot: Snapshot, found: CatalogObject, dependents: list[Address]) -> Answer:
    address, named = found.address, ", ".join(map(str, dependents))
    cascades = question.statement.tree.get("behavior") == "DROP_CASCADE"
    along = _along(snapshot, found) if cascades and dependents else ()
    after = without(snapshot, address, *along)
    stays = bool(dependents) and not along
    part = Part(
        PhaseKind.CONTRACT,
        f"drop {address.kind.words} {address.part if address.kind is Kind.TRIGGER else address.name}",
        (question.statement.sql,) if stays else way(snapshot, after),
        () if stays or address.kind is Kind.SEQUENCE else way(after, snapshot),
        gate=f"nothing needs the {' and the '.join(map(str, (address, *along)))} any more",
    )
    if not dependents:
        return Answer(f"drop-{address.name}", (part,))
    word = "what depends on it goes along" if along else "it cannot go before what depends on it"
    return Answer(f"drop-{address.name}", (part,), (f"{word}: {named}",))


def _along(snapshot: Snapshot, found: CatalogObject) -> tuple[Address, ...]:
    """All that CASCADE takes; nothing where it would take from a table: that is to be said on its own."""
    taken: dict[Address, None] = {}
    queue = [found]
    while queue:
        for one in _dependents(snapshot, queue.pop()):
            whole = one if one.kind in _WHOLE else _relation(snapshot, one)
            item = snapshot.get(whole) if whole is not None else None
            if item is None or item.kind not in _WHOLE:
                return ()
            if item.address not in taken and item.address != found.address:
                taken[item.address] = None
                queue.append(item)
    return tuple(taken)


def _relation(snapshot: Snapshot, address: Address) -> Address | None:
    found = snapshot.relation(address.qualified)
    return found.address if found is not None else None


def _makes(statement: Statement, found: CatalogObject, state: Catalog) -> bool:
    """Whether a statement makes an object of the same kind and name."""
    tree, name = statement.tree, found.name
    match statement.kind:
        case "CreateTrigStmt" if found.kind is Kind.TRIGGER:
            place = state.relation(*range_var(tree["relation"]))
            return tree["trigname"] == found.address.part and place is not None and place.name == name
        case "CreateTableAsStmt" if found.kind is Kind.MATERIALIZED_VIEW:
            schema, view = range_var(tree["into"]["rel"])
            return view == name.name and schema in ("", name.schema)
        case "ViewStmt" if found.kind is Kind.VIEW:
            schema, view = range_var(tree["view"])
            return view == name.name and schema in ("", name.schema)
        case "CreateFunctionStmt" if found.kind in (Kind.FUNCTION, Kind.PROCEDURE):
            schema, routine = dotted(tree["funcname"])
            return routine == name.name and schema in ("", name.schema)
    return False


def _replaced(question: Question, snapshot: Snapshot, found: CatalogObject, number: int) -> Answer:
    """Dropped and made again in one transaction, with the privileges and the comment that it had."""
    made, gone, kind = question.rest[number], without(snapshot, found.address), found.kind
    old = new = f"{kind.value} {found.address.sql}"
    if made.kind == "CreateFunctionStmt":
        new = f"{kind.value} {found.name.sql}({types_of(made.tree, question.state)})"
    before = way(gone, snapshot)
    rest = [sql.replace(old, new) for sql in before if not sql.startswith(("CREATE ", "SET LOCAL "))]
    part = Part(
        PhaseKind.EXPAND,
        f"replace {kind.words} {found.address.part if kind is Kind.TRIGGER else found.name.name}",
        (question.statement.sql, made.sql, *rest),
        (f"DROP {new}", *before),
        accepts=(("statement-while-holding-access-exclusive", "its readers wait, as the plan says"),),
    )
    waits = (
        f"its readers wait until the rows of {found.name.name} are computed: where that takes long, make another one"
        " beside it under a new name, and exchange the names"
    )
    notes = (waits,) if kind is Kind.MATERIALIZED_VIEW else ()
    return Answer(f"replace-{found.name.name}", (part,), notes, (number,))


def _dependents(snapshot: Snapshot, found: CatalogObject) -> list[Address]:
    columns = [column.address for column in found.columns] if isinstance(found, Relation) else []
    places = [found.address, *columns]
    needing = {one for place in places for one in snapshot.dependents.get(place, ())}
    needing -= {one.address for one in snapshot.indexes_of(found.name)}
    return sorted(one for one in needing if one.qualified != found.name)


def _dropped(question: Question, snapshot: Snapshot) -> CatalogObject | None:
    tree, name = question.statement.tree, question.table.name
    if len(tree["objects"]) != 1:
        return None
    kind = _KINDS[tree["removeType"]]
    if kind is Kind.TRIGGER:
        trigger = tree["objects"][0]["List"]["items"][-1]["String"]["sval"]
        return snapshot.get(Address(kind, name.schema, name.name, trigger))
    if kind not in (Kind.FUNCTION, Kind.PROCEDURE):
        return snapshot.get(Address(kind, name.schema, name.name))
    return routine_of(snapshot, question.state, name, tree["objects"][0]["ObjectWithArgs"])


STRATEGY = Strategy(
    "drop-object",
    tuple(f"DropStmt/{kind}" for kind in _KINDS),
    plan,
    __doc__ or "",
    "DROP FUNCTION greet(text)",
)
