"""How an expression compares two sides: equal, one of a list, contained in an array or in JSON, up to a limit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

from lockgate.sql.parse import Node, walk
from lockgate.verify.rls.identities import constants_in, identities_in, identity_of, name_of, peel
from lockgate.verify.rls.model import Identity

ARRAY: Final = "array"
JSON: Final = "json"

_EQUAL: Final = frozenset({"=", "~~", "~~*"})
_KEYS: Final = frozenset({"?", "?|", "?&"})
_TAKING: Final = frozenset({"->", "->>"})
_LIMITS: Final = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
_OF_ONE: Final = frozenset({"jsonb_build_array", "json_build_array", "to_jsonb", "to_json"})


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a comparison, seen from the other: ``operator`` stands between ``node`` and ``other``.

    ``lists`` and ``listed`` say how this side contains the other one, or is contained in it: as ``array``, as ``json``,
    or not at all; ``path`` leads to the list inside of JSON.
    """

    node: Any
    other: Any
    operator: str
    lists: str = ""
    listed: str = ""
    path: tuple[str, ...] = ()

    @property
    def is_plain(self) -> bool:
        """Whether both sides are single values that must be equal."""
        return self.operator == "=" and not self.lists and not self.listed

    @property
    def is_limit(self) -> bool:
        """Whether one side must not be above, or not below, the other one."""
        return self.operator in _LIMITS

    def values(self) -> tuple[str, ...]:
        """The constants of the other side; those of an array that is written as text one by one."""
        found = tuple(constants_in(self.other))
        if self.listed == ARRAY and len(found) == 1 and found[0].startswith("{"):
            return tuple(part.strip(' "') for part in found[0].strip("{}").split(",") if part.strip())
        return found


def sides(inner: Node) -> Iterator[Side]:
    """Both sides of an ``A_Expr``, each as seen from the other; nothing where it compares in no way known here."""
    operator = inner.get("name", [{}])[-1].get("String", {}).get("sval", "")
    kind, left, right = inner.get("kind", ""), inner.get("lexpr", {}), inner.get("rexpr", {})
    if kind in ("AEXPR_OP_ANY", "AEXPR_OP_ALL") and operator in (*_EQUAL, "<>"):
        yield Side(left, right, operator, listed=ARRAY)
        yield Side(right, left, operator, lists=ARRAY)
    elif operator in _KEYS:
        yield from _containing(left, right, operator, JSON)
    elif operator in _TAKING:
        yield Side(right, left, operator, listed=JSON)
    elif operator in ("@>", "<@"):
        container, content = (left, right) if operator == "@>" else (right, left)
        yield from _containing(container, content, "@>", "")
    elif operator == "&&":
        yield Side(left, right, operator, lists=ARRAY)
        yield Side(right, left, operator, lists=ARRAY)
    elif operator in _EQUAL:
        yield Side(left, right, operator)
        yield Side(right, left, operator)
    elif operator in _LIMITS:
        yield Side(left, right, operator)
        yield Side(right, left, _LIMITS[operator])


def _containing(container: Any, content: Any, operator: str, how: str) -> Iterator[Side]:
    path, inner, is_json = _unpacked(content)
    how = how or (JSON if is_json or _is_json(container) else ARRAY)
    yield Side(container, inner, operator, lists=how, path=path)
    yield Side(inner, container, operator, listed=how, path=path)


def _unpacked(node: Any) -> tuple[tuple[str, ...], Any, bool]:
    """What stands in ``ARRAY[x]``, ``jsonb_build_array(x)`` or ``jsonb_build_object('key', …)``, and the path to it."""
    bare = peel(node)
    if not isinstance(bare, dict):
        return (), node, False
    elements = bare.get("A_ArrayExpr", {}).get("elements", [])
    if len(elements) == 1:
        return (), elements[0], False
    call = bare.get("FuncCall", {})
    name, args = name_of(call.get("funcname", [])).name, call.get("args", [])
    if name in _OF_ONE and len(args) == 1:
        path, inner, _ = _unpacked(args[0])
        return path, inner, True
    if name == "jsonb_build_object" and len(args) == 2:
        path, inner, _ = _unpacked(args[1])
        return (*constants_in(args[0]), *path), inner, True
    return (), node, False


def _is_json(node: Any) -> bool:
    return any(
        inner.get("name", [{}])[-1].get("String", {}).get("sval") in ("->", "#>")
        for kind, inner in walk(node)
        if kind == "A_Expr"
    )


def identity_on(side: Side) -> tuple[Identity | None, Side]:
    """The identity that a side is; a list of the token that a sub-select unfolds counts, and the side says so then."""
    found = identity_of(side.node)
    if found is not None:
        return found, side
    listed = listed_identity(side.node)
    return listed, replace(side, lists=side.lists or ARRAY) if listed else side


def listed_identity(node: Any) -> Identity | None:
    """The claim that ``ARRAY(SELECT jsonb_array_elements_text(claim))`` and its like unfold."""
    if not any(kind in ("SubLink", "SelectStmt", "RangeFunction") for kind, _ in walk(node)):
        return None
    if any(kind == "RangeVar" for kind, _ in walk(node)):
        return None
    return next(identities_in(node), None)
