"""Reading expressions: the columns they name, the constants in them, and what a valid check proves."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from decimal import Decimal, InvalidOperation

from lockgate.analysis.view import Constraint, Relation
from lockgate.sql.parse import Node, walk
from lockgate.values import value

NULL = None
Value = Decimal | str | bool | None
"""A constant as far as it can be compared; None is NULL."""

_MOMENT = re.compile(r"\d{4}-\d\d-\d\d([ T]\d\d:\d\d.*)?\Z")
_TURNED = {"<": ">", ">": "<", "<=": ">=", ">=": "<=", "=": "=", "<>": "<>"}


@value(frozen=True, slots=True)
class Fact:
    """What a conjunct says of a column: an operator and the constants behind it; ``not null`` has none."""

    column: str
    operator: str
    values: tuple[Value, ...] = ()


def columns_in(node: object) -> set[str]:
    """The names of the columns that an expression mentions, whatever table they belong to."""
    return {
        field["String"]["sval"]
        for kind, inside in walk(node)
        if kind == "ColumnRef"
        for field in inside["fields"][-1:]
        if "String" in field
    }


def mentions(node: Node, column: str, called: set[str]) -> bool:
    """Whether a query names a column, or all of them by a star, of a relation that it calls by one of some names."""
    return any(
        _names_column(inside["fields"], column) and qualifier(inside) in {"", *called}
        for kind, inside in walk(node)
        if kind == "ColumnRef"
    )


def _names_column(fields: list[Node], column: str) -> bool:
    return "A_Star" in fields[-1] or fields[-1].get("String", {}).get("sval") == column


def qualifier(reference: Node) -> str:
    """What stands before the column of a ``ColumnRef``; empty when nothing does."""
    fields = reference["fields"]
    text: str = fields[-2].get("String", {}).get("sval", "") if len(fields) > 1 else ""
    return text


def constant(node: Node) -> tuple[Value] | None:
    """The value of a constant in a tuple of one, or None for everything else."""
    if "TypeCast" in node:
        return constant(node["TypeCast"]["arg"])
    if "A_Expr" in node:
        return _negative(node["A_Expr"])
    const = node.get("A_Const")
    if const is None:
        return None
    if const.get("isnull"):
        return (NULL,)
    if "boolval" in const:
        return (bool(const["boolval"].get("boolval")),)
    if "sval" in const:
        return (const["sval"].get("sval", ""),)
    return _number(const)


def _negative(expression: Node) -> tuple[Value] | None:
    if "lexpr" in expression or operator(expression) != "-":
        return None
    found = constant(expression.get("rexpr", {}))
    return (-found[0],) if found and isinstance(found[0], Decimal) else None


def _number(const: Node) -> tuple[Value] | None:
    if "fval" in const:
        return (Decimal(const["fval"]["fval"]),)
    return (Decimal(const["ival"].get("ival", 0)),) if "ival" in const else None


def operator(expression: Node) -> str:
    """The operator of an ``A_Expr``."""
    name = expression.get("name", [])
    text: str = name[-1]["String"]["sval"] if name else ""
    return text


def compare(left: Value, right: Value) -> int | None:
    """-1, 0 or 1 where the order of two constants is certain; None where it is not."""
    if left is None or right is None:
        return None
    if left == right:
        return 0
    for read in (_as_number, _as_moment):
        first, second = read(left), read(right)
        if first is not None and second is not None:
            return (first > second) - (first < second)
    return None


def _as_number(value: Value) -> Decimal | None:
    try:
        return Decimal(value) if isinstance(value, Decimal | str) else None
    except InvalidOperation:
        return None


def _as_moment(value: Value) -> Decimal | None:
    """Seconds since year one; None for what is not an ISO date or time stamp in UTC or without a zone."""
    if not isinstance(value, str) or not _MOMENT.match(value.strip()):
        return None
    try:
        moment = datetime.fromisoformat(value.strip())
    except ValueError:
        return None
    offset = moment.utcoffset()
    if offset:
        moment -= offset
    since = moment.replace(tzinfo=None) - datetime.min
    return Decimal(since.days) * 86400 + Decimal(since.seconds) + Decimal(since.microseconds) / 1_000_000


def conjuncts(node: Node | None) -> Iterator[Node]:
    """The parts of an AND; an expression that is none is its own part."""
    if node is None:
        return
    if node.get("BoolExpr", {}).get("boolop") == "AND_EXPR":
        for part in node["BoolExpr"]["args"]:
            yield from conjuncts(part)
    else:
        yield node


def facts(node: Node | None) -> Iterator[Fact]:
    """What the parts of an AND say of single columns."""
    for part in conjuncts(node):
        yield from _facts_of(part)


def _facts_of(node: Node) -> Iterator[Fact]:
    if "NullTest" in node and node["NullTest"].get("nulltesttype") == "IS_NOT_NULL":
        column = column_of(node["NullTest"]["arg"])
        if column:
            yield Fact(column, "not null")
    expression = node.get("A_Expr")
    if expression is None:
        return
    kind = expression.get("kind")
    if kind == "AEXPR_OP":
        yield from _comparison(expression)
    elif kind in ("AEXPR_IN", "AEXPR_OP_ANY") and operator(expression) == "=":
        yield from _membership(expression)
    elif kind in ("AEXPR_IN", "AEXPR_OP_ALL") and operator(expression) == "<>":
        for fact in _membership(expression):
            yield from (Fact(fact.column, "<>", (value,)) for value in fact.values)
    elif kind == "AEXPR_BETWEEN":
        yield from _between(expression)


def _comparison(expression: Node) -> Iterator[Fact]:
    symbol = operator(expression)
    left, right = expression.get("lexpr", {}), expression.get("rexpr", {})
    for one, other, sign in ((left, right, symbol), (right, left, _TURNED.get(symbol, ""))):
        column, found = column_of(one), constant(other)
        if column and found and sign in _TURNED:
            yield Fact(column, sign, found)


def _membership(expression: Node) -> Iterator[Fact]:
    column = column_of(expression.get("lexpr", {}))
    right = expression.get("rexpr", {})
    items = right.get("List", {}).get("items") or right.get("A_ArrayExpr", {}).get("elements")
    values = [constant(item) for item in items or ()]
    if column and values and all(value is not None for value in values):
        yield Fact(column, "in", tuple(value[0] for value in values if value is not None))


def _between(expression: Node) -> Iterator[Fact]:
    column = column_of(expression.get("lexpr", {}))
    low, high = (constant(item) for item in expression["rexpr"]["List"]["items"])
    if column and low and high:
        yield Fact(column, ">=", low)
        yield Fact(column, "<=", high)


def column_of(node: Node) -> str:
    """The name of the column that an expression is, through casts; empty when it is something else."""
    if "TypeCast" in node:
        return column_of(node["TypeCast"]["arg"])
    reference = node.get("ColumnRef")
    if reference is None:
        return ""
    text: str = reference["fields"][-1].get("String", {}).get("sval", "")
    return text


def proves_not_null(constraints: Iterable[Constraint], column: str) -> bool:
    """Whether a valid check says that a column is not NULL; ``column > 0`` does not, for NULL passes it."""
    return any(
        constraint.kind == "check"
        and constraint.valid
        and constraint.enforced
        and _says_not_null(constraint.expression, column)
        for constraint in constraints
    )


def _says_not_null(node: Node | None, column: str) -> bool:
    if node is None:
        return False
    boolean = node.get("BoolExpr")
    if boolean is not None:
        parts = (_says_not_null(part, column) for part in boolean["args"])
        if boolean["boolop"] == "NOT_EXPR":
            return _is_null_test(boolean["args"][0], column, "IS_NULL")
        return any(parts) if boolean["boolop"] == "AND_EXPR" else all(parts)
    return _is_null_test(node, column, "IS_NOT_NULL")


def _is_null_test(node: Node, column: str, kind: str) -> bool:
    test = node.get("NullTest", {})
    return test.get("nulltesttype") == kind and column_of(test["arg"]) == column


def is_not_null(relation: Relation, column: str) -> bool:
    """Whether a column is NOT NULL and every row is known to obey."""
    found = relation.column(column)
    if found is None or not found.not_null:
        return False
    return not any(
        constraint.kind == "not null" and column in constraint.columns and not constraint.valid
        for constraint in relation.constraints
    )


def valid_facts(relation: Relation) -> list[Fact]:
    """What the valid checks and the NOT NULLs of a table say of its columns."""
    found = [
        fact
        for constraint in relation.constraints
        if constraint.kind == "check" and constraint.valid and constraint.enforced
        for fact in facts(constraint.expression)
    ]
    found += [Fact(c.name, "not null") for c in relation.columns if is_not_null(relation, c.name)]
    return found
