"""Who asks, as an expression says it: ``auth.uid()``, a claim of the token, a setting, the role."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from lockgate.sql.identifiers import QualifiedName
from lockgate.sql.parse import Node, walk
from lockgate.verify.rls.model import EMAIL, UID, Identity

ROLE: Final = Identity("role")
USER: Final = Identity("user")

_AUTH: Final = {"uid": UID, "email": EMAIL, "role": ROLE}
HEADERS: Final = "request.headers"
"""The setting in which the API hands on the headers of a request, as JSON."""

_KEEPING: Final = frozenset({"nullif", "lower", "upper", "btrim"})
_CLAIMS: Final = ("request.jwt.claims", "request.jwt.claim")


def identity_of(node: Any) -> Identity | None:
    """The identity that an expression is, whatever casts and sub-selects are around it."""
    node = peel(node)
    if not isinstance(node, dict):
        return None
    if "FuncCall" in node:
        return _called_identity(node["FuncCall"])
    if "SQLValueFunction" in node:
        is_user = node["SQLValueFunction"].get("op") in (
            "SVFOP_CURRENT_USER",
            "SVFOP_USER",
            "SVFOP_CURRENT_ROLE",
        )
        return USER if is_user else None
    if "A_Expr" in node:
        header = _header(node["A_Expr"])
        path = _claim_path(node)
        return header or (_of_path(path) if path else None)
    return None


def _header(expression: Node) -> Identity | None:
    """``current_setting('request.headers')::json ->> 'x-tenant'``: what the client may send as it likes."""
    operator = expression.get("name", [{}])[-1].get("String", {}).get("sval")
    call = peel(expression.get("lexpr"))
    call = call.get("FuncCall", {}) if isinstance(call, dict) else {}
    name, args = name_of(call.get("funcname", [])), call.get("args", [])
    if operator not in ("->", "->>") or name.name != "current_setting" or not args:
        return None
    if next(iter(constants_in(args[0])), "") != HEADERS:
        return None
    return Identity("header", tuple(constants_in(expression.get("rexpr"))))


def _called_identity(call: Node) -> Identity | None:
    name = name_of(call.get("funcname", []))
    args = call.get("args", [])
    if name.schema == "auth" and name.name in _AUTH:
        return _AUTH[name.name]
    if name.name in _KEEPING and args:
        return identity_of(args[0])
    if name.name == "current_setting" and args:
        setting = next(iter(constants_in(args[0])), "")
        if setting.startswith("request.jwt.claim."):
            return _of_path((setting.removeprefix("request.jwt.claim."),))
        if setting and setting not in (*_CLAIMS, HEADERS):
            return Identity("setting", (setting,))
    return None


def _of_path(path: tuple[str, ...]) -> Identity:
    if path in (("sub",), ("email",), ("role",)):
        return {"sub": UID, "email": EMAIL, "role": ROLE}[path[0]]
    return Identity("claim", path)


def _claim_path(node: Any) -> tuple[str, ...] | None:
    """The path of ``auth.jwt() -> 'a' ->> 'b'``; empty for the token as a whole, None for anything else."""
    node = peel(node)
    if not isinstance(node, dict):
        return None
    if "FuncCall" in node:
        return () if _is_token(node["FuncCall"]) else None
    expression = node.get("A_Expr", {})
    operator = expression.get("name", [{}])[-1].get("String", {}).get("sval")
    if operator not in ("->", "->>", "#>", "#>>"):
        return None
    root = _claim_path(expression.get("lexpr"))
    if root is None:
        return None
    steps = tuple(constants_in(expression.get("rexpr")))
    if operator in ("#>", "#>>") and steps:
        steps = tuple(part.strip() for part in steps[0].strip("{}").split(","))
    return root + steps


def _is_token(call: Node) -> bool:
    name = name_of(call.get("funcname", []))
    if name.schema == "auth" and name.name == "jwt":
        return True
    args = call.get("args", [])
    if name.name in ("nullif", "coalesce"):
        return any(_claim_path(arg) == () for arg in args)
    return name.name == "current_setting" and bool(args) and next(iter(constants_in(args[0])), "") in _CLAIMS


def peel(node: Any) -> Any:
    """The expression inside casts, and inside ``(SELECT expression)``."""
    while isinstance(node, dict):
        if "TypeCast" in node:
            node = node["TypeCast"].get("arg")
        elif "SubLink" in node and node["SubLink"].get("subLinkType") == "EXPR_SUBLINK":
            select = node["SubLink"].get("subselect", {}).get("SelectStmt", {})
            targets = select.get("targetList", [])
            if select.get("fromClause") or len(targets) != 1:
                return node
            node = targets[0].get("ResTarget", {}).get("val")
        elif "CoalesceExpr" in node and node["CoalesceExpr"].get("args"):
            node = node["CoalesceExpr"]["args"][0]
        else:
            return node
    return node


def identities_in(node: Any) -> Iterator[Identity]:
    """Every identity below a node."""
    for kind, inner in walk(node):
        found = identity_of({kind: inner}) if kind in ("FuncCall", "A_Expr", "SQLValueFunction") else None
        if found is not None:
            yield found


def constants_in(node: Any) -> Iterator[str]:
    """The constants that an expression is, or that the list in it holds, as text."""
    node = peel(node)
    if isinstance(node, list):
        for item in node:
            yield from constants_in(item)
    elif isinstance(node, dict):
        if "A_Const" in node:
            yield from _constant(node["A_Const"])
        elif "A_ArrayExpr" in node:
            yield from constants_in(node["A_ArrayExpr"].get("elements", []))
        elif "List" in node:
            yield from constants_in(node["List"].get("items", []))


def _constant(inner: Node) -> Iterator[str]:
    if "sval" in inner:
        yield inner["sval"].get("sval", "")
    elif "ival" in inner:
        yield str(inner["ival"].get("ival", 0))
    elif "boolval" in inner:
        yield "true" if inner["boolval"].get("boolval") else "false"


def column_reference(node: Any) -> Node | None:
    """The column that an expression is, whatever casts are around it."""
    node = peel(node)
    return node.get("ColumnRef") if isinstance(node, dict) else None


def is_list_of_values(node: Any) -> bool:
    """Whether the list of ``= ANY`` stands on the other side."""
    node = peel(node)
    return isinstance(node, dict) and "A_ArrayExpr" in node


def is_true(node: Any) -> bool:
    """Whether an expression is the constant ``true``."""
    node = peel(node)
    return isinstance(node, dict) and bool(node.get("A_Const", {}).get("boolval", {}).get("boolval"))


def calls_in_the_open(node: Any) -> bool:
    """Whether a function is called here that no sub-select keeps from being called for every row."""
    if isinstance(node, list):
        return any(calls_in_the_open(item) for item in node)
    if not isinstance(node, dict) or "SubLink" in node:
        return False
    return "FuncCall" in node or any(calls_in_the_open(value) for value in node.values())


def name_of(parts: list[Any]) -> QualifiedName:
    """The name of a function; its schema is empty when it is not said."""
    names = [part.get("String", {}).get("sval", "") for part in parts]
    if not names:
        return QualifiedName("", "")
    return QualifiedName(names[-2] if len(names) > 1 else "", names[-1])
