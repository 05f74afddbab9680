"""Change a function's signature, result or volatility while callers live.

A function that takes one more argument with a default would stand beside the old one, and a call that fits both is
refused as ambiguous, by the server and by PostgREST. So the old one is dropped and the new one made in one transaction,
with the old one's privileges and comment: old calls fit it, too. Without a default both live side by side until nobody
calls the old one. Another result, or other names of arguments, cannot be replaced in place: that is done in one
transaction behind a gate. Indexes, generated columns and checks that rely on an IMMUTABLE function which no longer is
one are named.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from lockgate.catalog.address import Kind
from lockgate.catalog.model import Routine
from lockgate.catalog.snapshot import Snapshot
from lockgate.planning.changes import Part
from lockgate.planning.plan import PhaseKind
from lockgate.planning.replacing import way, without
from lockgate.planning.routines import inputs, rights_of, types_of
from lockgate.planning.strategies.base import Answer, Question, Strategy
from lockgate.sql.parse import Node, deparse, parse_one

_RELYING: Final = (Kind.INDEX, Kind.CONSTRAINT, Kind.COLUMN, Kind.DEFAULT)


def plan(question: Question) -> Answer | None:
    """The safe order; None for a new name, and for what CREATE OR REPLACE does by itself."""
    tree, name = question.statement.tree, question.table.name
    known = question.state.functions(name.schema, name.name)
    snapshot = question.schema() if known else None
    routines = snapshot.routines(question.table.name) if snapshot is not None else ()
    if snapshot is None or not routines or tree.get("is_procedure"):
        return None
    same = next((one for one in routines if one.address.part == types_of(tree, question.state)), None)
    if same is None:
        return _overloaded(question, snapshot, routines)
    if _result(tree) != _result(parse_one(same.definition).tree):
        return _anew(question, snapshot, same, gate=f"every caller of {same.name.name} bears its new result")
    return _in_place(question, snapshot, same)


def _overloaded(question: Question, snapshot: Snapshot, routines: tuple[Routine, ...]) -> Answer | None:
    given = inputs(question.statement.tree)
    least = sum("defexpr" not in item for item in given)
    for old in routines:
        count = len(old.address.part.split(", ")) if old.address.part else 0
        if least <= count < len(given):
            return _anew(question, snapshot, old)
        if count >= least and count - old.defaults <= len(given):
            return None
    return _beside(question, snapshot, routines[0]) if len(routines) == 1 else None


def _anew(question: Question, snapshot: Snapshot, old: Routine, gate: str | None = None) -> Answer:
    """Drop the old one and make the new one in one transaction."""
    name, types = old.name, types_of(question.statement.tree, question.state)
    gone = without(snapshot, old.address)
    before, after = f"{name.sql}({old.address.part})", f"{name.sql}({types})"
    rights = [sql.replace(before, after) for sql in rights_of(snapshot, old)]
    aside, again = _around(way(snapshot, gone))
    part = Part(
        PhaseKind.CONTRACT if gate else PhaseKind.EXPAND,
        f"replace {name.name}",
        (*aside, f"DROP FUNCTION {before}", question.statement.sql, *rights, *again),
        (*aside, f"DROP FUNCTION {after}", *way(gone, snapshot), *again),
        gate=gate,
        application=f"may be deployed now: it calls the new {name.name}",
    )
    return Answer(f"replace-{name.name}", (part,), tuple(_held(snapshot, old)))


def _around(gone: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What steps aside before a function goes, and what is made again once there is one in its place."""
    place = next(number for number, sql in enumerate(gone) if sql.startswith("DROP FUNCTION"))
    return gone[:place], gone[place + 1 :]


def _beside(question: Question, snapshot: Snapshot, old: Routine) -> Answer:
    name, types = old.name, types_of(question.statement.tree, question.state)
    gone = without(snapshot, old.address)
    parts = (
        Part(
            PhaseKind.EXPAND,
            f"add {name.name} beside the old one",
            (question.statement.sql,),
            (f"DROP FUNCTION {name.sql}({types})",),
            application=f"may be deployed now: it calls {name.name}({types})",
        ),
        Part(
            PhaseKind.CONTRACT,
            f"drop the old {name.name}",
            way(snapshot, gone),
            way(gone, snapshot),
            gate=f"nobody calls {name.name}({old.address.part}) any more",
        ),
    )
    notes = ("PostgREST tells the two apart by the names of the arguments: they must differ",)
    return Answer(f"replace-{name.name}", parts, notes)


def _in_place(question: Question, snapshot: Snapshot, old: Routine) -> Answer:
    part = Part(
        PhaseKind.EXPAND,
        f"replace {old.name.name}",
        (question.statement.sql,),
        (old.definition,),
    )
    new = _volatility(question.statement.tree)
    notes = tuple(_relying(snapshot, old)) if old.volatility == "immutable" and new != "immutable" else ()
    return Answer(f"replace-{old.name.name}", (part,), notes)


def _result(tree: Node) -> str:
    """What a function gives and takes, without its body, to see whether one can replace the other."""
    kept = {key: tree[key] for key in ("funcname", "parameters", "returnType") if key in tree}
    kept["parameters"] = [
        {
            "FunctionParameter": {
                key: value for key, value in item["FunctionParameter"].items() if key != "defexpr"
            }
        }
        for item in kept.get("parameters", ())
    ]
    kept["funcname"] = [{"String": {"sval": "f"}}]
    body = {"DefElem": {"defname": "as", "arg": {"List": {"items": [{"String": {"sval": ""}}]}}}}
    return deparse({"CreateFunctionStmt": {**kept, "options": [body]}})


def _volatility(tree: Node) -> str:
    for item in tree.get("options", ()):
        if item["DefElem"].get("defname") == "volatility":
            return str(item["DefElem"]["arg"]["String"]["sval"])
    return "volatile"


def _relying(snapshot: Snapshot, old: Routine) -> Iterator[str]:
    found = sorted(one for one in snapshot.dependents.get(old.address, ()) if one.kind in _RELYING)
    if found:
        names = ", ".join(map(str, found))
        yield f"{old.name.name} is no longer IMMUTABLE, and what relies on that may go wrong unseen: {names}"


def _held(snapshot: Snapshot, old: Routine) -> Iterator[str]:
    found = sorted(str(one) for one in snapshot.dependents.get(old.address, ()))
    if found:
        yield f"it is made anew, with what depends on it: {', '.join(found)}"


STRATEGY = Strategy(
    "replace-function",
    ("CreateFunctionStmt",),
    plan,
    __doc__ or "",
    "CREATE FUNCTION greet(who text, tone text DEFAULT 'warm') RETURNS text LANGUAGE sql AS 'SELECT who'",
)
