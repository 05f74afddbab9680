"""Whether an expression is volatile, as the planner sees it when a column gets it as its default.

What decides is not the label of the function that is written down: a simple SQL function is replaced by its body
first (``inline_function`` in the server's ``clauses.c``), and only what is left is asked for its volatility.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from pathlib import Path

from lockgate.analysis.state import names
from lockgate.analysis.view import Function, StateView, Volatility
from lockgate.errors import SqlSyntaxError
from lockgate.sql.parse import Node, parse_one

_RANK: dict[Volatility, int] = {"immutable": 0, "stable": 1, "volatile": 2}
_BY_RANK: tuple[Volatility, ...] = ("immutable", "stable", "volatile")
_SECTION = re.compile(r"\[(?P<source>[^:]+): (?P<word>\w+)\]")
_DEEPEST = 8
"""How many SQL functions within SQL functions are followed; more is not simple any more."""

_SIMPLE_CLAUSES = frozenset({"targetList", "limitOption", "op"})
_STRICT_NODES = frozenset({"A_Expr", "TypeCast", "ColumnRef", "ParamRef", "A_Const"})
_LEAVES = frozenset({"ColumnRef", "ParamRef", "A_Const", "TypeName", "SetToDefault"})


def volatility(expression: Node | None, state: StateView) -> Volatility:
    """The volatility of what the planner makes of an expression; a function that nobody knows counts as volatile."""
    return _BY_RANK[_worst(expression, state, 0)] if expression else "immutable"


def is_volatile(expression: Node | None, state: StateView) -> bool:
    """Whether an expression must be computed anew for every row."""
    return volatility(expression, state) == "volatile"


def built_in_volatility(schema: str, name: str) -> Volatility | None:
    """The volatility of a function of the server, of a contrib extension or of a hosted platform, or None."""
    own, others = _tables()
    if schema in ("", names.PG_CATALOG) and name in own:
        return own[name]
    return None if schema == names.PG_CATALOG else others.get(f"{schema}.{name}", others.get(name))


@functools.cache
def _tables() -> tuple[dict[str, Volatility], dict[str, Volatility]]:
    text = Path(__file__).with_name("volatility_data.txt").read_text("utf-8")
    own: dict[str, Volatility] = {}
    others: dict[str, Volatility] = {}
    target, word = own, _BY_RANK[0]
    for line in text.splitlines():
        if section := _SECTION.match(line):
            target = own if section["source"] == "built in" else others
            word = _BY_RANK[("immutable", "stable", "volatile").index(section["word"])]
        elif not line.startswith("#"):
            target.update((name, word) for name in line.split())
    return own, others


def _worst(node: object, state: StateView, depth: int) -> int:
    """The rank of the most volatile part of a tree."""
    if isinstance(node, list):
        return max((_worst(item, state, depth) for item in node), default=0)
    if not isinstance(node, dict):
        return 0
    return max((_rank(key, value, state, depth) for key, value in node.items()), default=0)


def _rank(key: str, value: object, state: StateView, depth: int) -> int:
    if key in _LEAVES or not isinstance(value, dict | list):
        return 0
    if key == "FuncCall" and isinstance(value, dict):
        return max(_worst(value.get("args"), state, depth), _call(value, state, depth))
    if key == "SQLValueFunction":
        return _RANK["stable"]
    if key == "CoalesceExpr" and isinstance(value, dict):
        return _worst(list(_reached(value.get("args", []))), state, depth)
    if key == "CaseExpr" and isinstance(value, dict):
        return _worst(list(_branches(value)), state, depth)
    return _worst(value, state, depth)


def _reached(arguments: list[Node]) -> Iterator[Node]:
    """The arguments of COALESCE up to the first constant that is not NULL; the planner drops the rest."""
    for argument in arguments:
        yield argument
        const = argument.get("A_Const")
        if const is not None and not const.get("isnull"):
            return


def _branches(case: Node) -> Iterator[Node]:
    """What a CASE may come to: nothing behind a condition that is the constant true, no branch that is never taken."""
    for item in case.get("args", ()):
        when = item["CaseWhen"]
        const = when["expr"].get("A_Const", {}) if "arg" not in case else {}
        if "boolval" not in const:
            yield when["expr"]
            yield when["result"]
        elif const["boolval"].get("boolval"):
            yield when["result"]
            return
    if "defresult" in case:
        yield case["defresult"]
    if "arg" in case:
        yield case["arg"]


def _call(call: Node, state: StateView, depth: int) -> int:
    schema, name = names.dotted(call["funcname"])
    arguments = len(call.get("args", ()))
    built_in = built_in_volatility(schema, name) if schema in ("", names.PG_CATALOG) else None
    if built_in is not None and not _shadowed(schema, name, arguments, state):
        return _RANK[built_in]
    candidates = _candidates(state.functions(schema, name), arguments)
    if not candidates:
        return _RANK[built_in_volatility(schema, name) or "volatile"]
    return max(_of_function(function, state, depth) for function in candidates)


def _shadowed(schema: str, name: str, arguments: int, state: StateView) -> bool:
    """Whether a user function of the same name is meant: only where the built-in one is of an extension."""
    own, _ = _tables()
    return name not in own and bool(_candidates(state.functions(schema, name), arguments))


def _candidates(functions: tuple[Function, ...], arguments: int) -> tuple[Function, ...]:
    exact = tuple(function for function in functions if len(function.argument_types) == arguments)
    return exact or functions


def _of_function(function: Function, state: StateView, depth: int) -> int:
    inlined = _inlined(function, state, depth)
    return _RANK[function.volatility] if inlined is None else inlined


def _inlined(function: Function, state: StateView, depth: int) -> int | None:
    """The rank of the body that takes the place of a call, or None when the server keeps the call."""
    if depth >= _DEEPEST or not _may_be_inlined(function):
        return None
    expression = _single_expression(function.body)
    if expression is None or (function.strict and not _is_strict(expression, len(function.argument_types))):
        return None
    rank = _worst(expression, state, depth + 1)
    return None if rank > _RANK[function.volatility] else rank


def _may_be_inlined(function: Function) -> bool:
    return (
        function.language == "sql"
        and function.kind == "function"
        and bool(function.body)
        and not function.security_definer
        and not function.settings
        and not function.returns_set
    )


@functools.lru_cache(maxsize=256)
def _single_expression(body: str) -> Node | None:
    """The one expression that ``SELECT`` gives without FROM and without any other clause."""
    try:
        statement = parse_one(body)
    except SqlSyntaxError:
        return None
    if statement.kind != "SelectStmt" or set(statement.tree) - _SIMPLE_CLAUSES:
        return None
    targets = statement.tree.get("targetList", [])
    if len(targets) != 1:
        return None
    value: Node = targets[0]["ResTarget"].get("val", {})
    return None if _has_query(value) else value


def _has_query(node: object) -> bool:
    if isinstance(node, list):
        return any(_has_query(item) for item in node)
    if not isinstance(node, dict):
        return False
    return "SubLink" in node or any(_has_query(value) for value in node.values())


def _is_strict(expression: Node, parameters: int) -> bool:
    """Whether a NULL in any parameter makes the expression NULL, as far as operators and casts go."""
    used: set[str] = set()
    return _only_strict(expression, used) and len(used) >= parameters > 0


def _only_strict(node: object, used: set[str]) -> bool:
    if isinstance(node, list):
        return all(_only_strict(item, used) for item in node)
    if not isinstance(node, dict):
        return True
    for key, value in node.items():
        if not key[:1].isupper() or key in ("TypeName", "String"):
            continue
        if key not in _STRICT_NODES or (key == "A_Expr" and value.get("kind") != "AEXPR_OP"):
            return False
        if key in ("ColumnRef", "ParamRef"):
            used.add(
                str(value.get("fields", value.get("number")))[-60:] if key == "ParamRef" else _field(value)
            )
        elif not _only_strict([value.get(part) for part in ("lexpr", "rexpr", "arg")], used):
            return False
    return True


def _field(reference: Node) -> str:
    return ".".join(field.get("String", {}).get("sval", "*") for field in reference["fields"])
