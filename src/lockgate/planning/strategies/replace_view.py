"""Give a view other columns, with all that depends on it.

CREATE OR REPLACE only lets a view grow at its end. For anything else the view and the views over it are dropped and
made again in one transaction, with their options, privileges, comments and triggers: nobody sees a moment without them.
A gate stands before it when columns go. A view over it that needs one of those columns stops the change, and is named.
"""

from __future__ import annotations

from dataclasses import replace

from lockgate.analysis.state.names import type_sql
from lockgate.catalog.address import Address, Kind
from lockgate.catalog.model import Column, View
from lockgate.catalog.snapshot import Snapshot
from lockgate.planning.changes import Part
from lockgate.planning.plan import PhaseKind
from lockgate.planning.replacing import instead, way
from lockgate.planning.strategies.base import Answer, Question, Strategy
from lockgate.sql.parse import Node, deparse


def plan(question: Question) -> Answer | None:
    """Everything in one transaction; None for a new view, one that only grows, or one whose columns are not said."""
    snapshot, tree = question.schema(), question.statement.tree
    old = snapshot.get(_address(question)) if snapshot is not None else None
    names = _names(tree)
    if snapshot is None or not isinstance(old, View) or names is None:
        return None
    if names[: len(old.columns)] == old.column_names and not _retyped(question, old):
        part = Part(PhaseKind.EXPAND, f"replace {old.name.name}", (question.statement.sql,), _back(old))
        return None if len(names) > len(old.columns) else Answer(f"replace-{old.name.name}", (part,))
    gone = [name for name in old.column_names if name not in names] or _retyped(question, old)
    needing = _needing(snapshot, old, gone)
    after = instead(snapshot, [_new(question, old, names)])
    changed = "reads the old" if gone and gone[0] in names else "reads"
    part = Part(
        PhaseKind.CONTRACT if gone else PhaseKind.EXPAND,
        f"replace {old.name.name}",
        way(snapshot, after),
        way(after, snapshot),
        gate=f"nothing {changed} {', '.join(gone)} of {old.name} any more" if gone else None,
    )
    notes = (
        (f"these need a column that goes, and must change first: {', '.join(needing)}",) if needing else ()
    )
    return Answer(f"replace-{old.name.name}", (part,), notes)


def _address(question: Question) -> Address:
    return Address(Kind.VIEW, question.table.name.schema, question.table.name.name)


def _back(old: View) -> tuple[str, ...]:
    return (f"CREATE OR REPLACE VIEW {old.name.sql} AS\n{old.definition}",)


def _names(tree: Node) -> tuple[str, ...] | None:
    """The names of a view's columns, or None where the query leaves them to its tables."""
    if tree.get("aliases"):
        return tuple(item["String"]["sval"] for item in tree["aliases"])
    select = tree["query"].get("SelectStmt", {})
    while "larg" in select:
        select = select["larg"]
    found = [_name(item["ResTarget"]) for item in select.get("targetList", ())]
    return None if not found or "" in found else tuple(found)


def _retyped(question: Question, old: View) -> list[str]:
    """The columns that a cast gives another type than they have: CREATE OR REPLACE cannot do that."""
    found = []
    for item in question.statement.tree["query"].get("SelectStmt", {}).get("targetList", ()):
        target, cast = item["ResTarget"], item["ResTarget"].get("val", {}).get("TypeCast", {})
        known = old.column(_name(target)) if cast else None
        if known is not None and type_sql(question.state.resolve_type(cast["typeName"])) != known.type:
            found.append(known.column)
    return found


def _name(target: Node) -> str:
    if "name" in target:
        return str(target["name"])
    last = target.get("val", {}).get("ColumnRef", {}).get("fields", [{}])[-1]
    return str(last.get("String", {}).get("sval", ""))


def _new(question: Question, old: View, names: tuple[str, ...]) -> View:
    tree = question.statement.tree
    other = {
        name: replace(old.column(name) or _plain(old, name), type="text") for name in _retyped(question, old)
    }
    columns = tuple(other.get(name) or old.column(name) or _plain(old, name) for name in names)
    return replace(
        old, definition=deparse(tree["query"]), columns=columns, options=_options(tree) or old.options
    )


def _plain(old: View, name: str) -> Column:
    return Column(
        address=Address(Kind.COLUMN, old.name.schema, old.name.name, name), column=name, type="unknown"
    )


def _options(tree: Node) -> tuple[tuple[str, str], ...]:
    found = []
    for item in tree.get("options", ()):
        value: Node = next(iter(item["DefElem"].get("arg", {}).values()), {})
        found.append(
            (item["DefElem"]["defname"], str(value.get("sval", value.get("boolval", "true"))).lower())
        )
    return tuple(sorted(found))


def _needing(snapshot: Snapshot, old: View, gone: list[str]) -> list[str]:
    places = [Address(Kind.COLUMN, old.name.schema, old.name.name, name) for name in gone]
    found = {one for place in places for one in snapshot.dependents.get(place, ())}
    return sorted(str(one) for one in found if one.qualified != old.name)


STRATEGY = Strategy(
    "replace-view",
    ("ViewStmt",),
    plan,
    __doc__ or "",
    "CREATE OR REPLACE VIEW titles AS SELECT title, id FROM notes",
)
