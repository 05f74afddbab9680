"""What a check says about a column: the constants it meets, the patterns it must match, the lengths it may have."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from lockgate.errors import SqlSyntaxError
from lockgate.sql import parse

_REGEX: Final = frozenset({"~", "~*"})
_LIKE: Final = frozenset({"~~", "~~*"})
_LENGTHS: Final = frozenset(
    {
        "length",
        "char_length",
        "character_length",
        "octet_length",
        "bit_length",
        "array_length",
        "cardinality",
        "array_ndims",
        "num_nonnulls",
    }
)
_MOST_LENGTH: Final = 10_000


@dataclass(slots=True)
class Hints:
    """Where to look for values of one column."""

    constants: list[str] = field(default_factory=list)
    patterns: list[str] = field(default_factory=list)
    likes: list[str] = field(default_factory=list)
    lengths: list[int] = field(default_factory=list)


def column_names(expression: str) -> frozenset[str]:
    """The names that an expression mentions as columns; empty when it cannot be parsed."""
    try:
        return frozenset(_columns(parse.parse_expression(expression)))
    except SqlSyntaxError:
        return frozenset()


def conjuncts(expression: str) -> tuple[str, ...]:
    """The conditions that a check joins by AND, each to be fulfilled by itself."""
    try:
        parts = list(_conjuncts(parse.parse_expression(expression)))
        return tuple(parse.deparse_expression(part) for part in parts) if len(parts) > 1 else (expression,)
    except SqlSyntaxError:
        return (expression,)


def hints(expressions: Iterable[str]) -> dict[str, Hints]:
    """Hints by column, from some checks."""
    found: dict[str, Hints] = {}
    for expression in expressions:
        try:
            tree = parse.parse_expression(expression)
        except SqlSyntaxError:
            continue
        _collect(tree, found)
    return found


def _conjuncts(node: parse.Node) -> Iterator[parse.Node]:
    inside = node.get("BoolExpr")
    if inside and inside.get("boolop") == "AND_EXPR":
        for part in inside["args"]:
            yield from _conjuncts(part)
    else:
        yield node


def _collect(tree: parse.Node, found: dict[str, Hints]) -> None:
    for kind, node in parse.walk({"Root": tree}):
        if kind == "A_Expr":
            _comparison(node, found)
        elif kind == "FuncCall":
            _spread(node, found, lengths=False)


def _comparison(node: parse.Node, found: dict[str, Hints]) -> None:
    operator = _name(node.get("name", []))
    right = list(_constants(node.get("rexpr")))
    if operator in _REGEX or operator in _LIKE:
        for column in _columns(node.get("lexpr")):
            hint = found.setdefault(column, Hints())
            (hint.patterns if operator in _REGEX else hint.likes).extend(right)
            hint.constants += [text.strip("%^$") for text in right]
        return
    _spread(node, found, lengths=_measures_length(node))


def _spread(node: parse.Node, found: dict[str, Hints], *, lengths: bool) -> None:
    constants = list(_constants(node))
    for column in _columns(node):
        hint = found.setdefault(column, Hints())
        hint.constants += [text for text in constants if text not in hint.constants]
        if lengths:
            numbers = [int(text) for text in constants if text.isdigit() and int(text) <= _MOST_LENGTH]
            hint.lengths += [n + step for n in numbers for step in (0, 1, -1) if n + step >= 0]


def _measures_length(node: parse.Node) -> bool:
    calls = (inside for kind, inside in parse.walk({"Root": node}) if kind == "FuncCall")
    return any(_name(call.get("funcname", [])) in _LENGTHS for call in calls)


def _columns(node: Any) -> Iterator[str]:
    for kind, inside in parse.walk({"Root": node}):
        if kind == "ColumnRef":
            last = inside["fields"][-1]
            if "String" in last:
                yield last["String"].get("sval", "")


def _constants(node: Any) -> Iterator[str]:
    for kind, inside in parse.walk({"Root": node}):
        if kind == "A_Const":
            text = _constant(inside)
            if text is not None:
                yield text
        elif kind == "A_Expr" and _name(inside.get("name", [])) == "-" and "lexpr" not in inside:
            yield from (f"-{text}" for text in _constants(inside.get("rexpr")))


def _constant(node: parse.Node) -> str | None:
    if "sval" in node:
        return str(node["sval"].get("sval", ""))
    if "ival" in node:
        return str(node["ival"].get("ival", 0))
    if "fval" in node:
        return str(node["fval"].get("fval", ""))
    return None


def _name(parts: list[parse.Node]) -> str:
    return str(parts[-1].get("String", {}).get("sval", "")) if parts else ""
