"""What a condition is in every row, as far as its text and the columns' constraints tell."""

from __future__ import annotations

import operator as operators
from collections.abc import Callable, Container

from lockgate.analysis.rules.base import Context
from lockgate.sql.parse import Node, without_locations


def matches_every_row(where: Node | None, never_null: Container[str] = ()) -> bool:
    """Whether a condition is missing, or true whatever the row holds (``true``, ``1 = 1``, ``id = id``).

    ``never_null`` are the columns that hold a value in every row, so that ``IS NOT NULL`` says nothing of them.
    """
    return where is None or _truth(where, never_null) is True


def _truth(node: Node, never_null: Container[str]) -> bool | None:
    """What a condition is in every row; None where that depends on the row, or is not told here."""
    kind, inside = next(iter(node.items()))
    match kind:
        case "BoolExpr":
            return _connected(inside["boolop"], [_truth(part, never_null) for part in inside["args"]])
        case "A_Expr":
            return _compared(inside)
        case "NullTest":
            column = inside["arg"].get("ColumnRef", {}).get("fields", [{}])[-1].get("String", {}).get("sval")
            return True if inside["nulltesttype"] == "IS_NOT_NULL" and column in never_null else None
        case "SubLink":
            return _selected(inside["subselect"]["SelectStmt"], never_null)
    constant = _constant(node)
    return constant if isinstance(constant, bool) else _WORDS.get(constant) if "TypeCast" in node else None


_WORDS: dict[object, bool] = {
    **dict.fromkeys(("t", "true", "y", "yes", "on", "1", 1), True),
    **dict.fromkeys(("f", "false", "n", "no", "off", "0", 0), False),
}


def _connected(operator: str, parts: list[bool | None]) -> bool | None:
    if operator == "NOT_EXPR":
        return None if parts[0] is None else not parts[0]
    decisive = operator == "OR_EXPR"
    if decisive in parts:
        return decisive
    return None if None in parts else not decisive


def _compared(expression: Node) -> bool | None:
    if expression.get("kind") != "AEXPR_OP" or "lexpr" not in expression:
        return None
    operator, left, right = (
        expression["name"][-1]["String"].get("sval"),
        expression["lexpr"],
        expression["rexpr"],
    )
    if operator == "=" and without_locations(left) == without_locations(right):
        return True
    first, second = _constant(left), _constant(right)
    if not (isinstance(first, int) and isinstance(second, int) and operator in _COMPARISONS):
        return None
    return _COMPARISONS[operator](first, second)


_COMPARISONS: dict[str, Callable[[int, int], bool]] = {
    "=": operators.eq,
    "<>": operators.ne,
    "<": operators.lt,
    ">": operators.gt,
    "<=": operators.le,
    ">=": operators.ge,
}


def _constant(node: Node) -> str | int | bool | None:
    constant = node.get("TypeCast", {}).get("arg", node).get("A_Const", {})
    if "boolval" in constant:
        return bool(constant["boolval"].get("boolval"))
    if "ival" in constant:
        return int(constant["ival"].get("ival", 0))
    text: str | None = constant.get("sval", {}).get("sval")
    return text


def _selected(query: Node, never_null: Container[str]) -> bool | None:
    """What ``(SELECT condition)`` is: one value without a table."""
    if not set(query) <= {"targetList", "limitOption", "op"} or len(query.get("targetList", ())) != 1:
        return None
    return _truth(query["targetList"][0]["ResTarget"]["val"], never_null)


def never_null_columns(context: Context, tree: Node) -> frozenset[str]:
    """The columns of an UPDATE's or DELETE's table that are NOT NULL; none where other tables join in."""
    if "fromClause" in tree or "usingClause" in tree:
        return frozenset()
    return frozenset(column.name for column in context.relation(tree["relation"]).columns if column.not_null)
