"""The texts that EXECUTE runs, where the block itself tells them: constants, ``format``, loops over constant arrays.

A variable counts when one place alone gives it a value, and that value is known. One that runs through an array stands
for every element, so that an expression may have several texts.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from lockgate.analysis.state import names
from lockgate.analysis.state.columns import referenced_columns
from lockgate.errors import SqlSyntaxError
from lockgate.sql.identifiers import literal, quote
from lockgate.sql.parse import Node, parse_expression, parse_one, walk
from lockgate.values import value

MOST_TEXTS: Final = 200
"""An expression with more texts than these is left unread: nobody wrote that many by hand."""

_ASSIGNED: Final = re.compile(r"""^\s*(?:"[^"]+"|[\w$]+)\s*:?=\s*""")
_DIRECTIVE: Final = re.compile(r"%(?:(\d+)\$)?(?:-?\d+)?([sIL%])")
_TEXTS: Final = frozenset({"text", "varchar", "name", "regclass", "bpchar", "unknown"})


class _NotConstantError(Exception):
    """An expression has a part that is known only at run time."""


@value(frozen=True, slots=True)
class _Origin:
    """Where a variable gets a value: an expression, the elements of an array, or the rows of a query."""

    kind: str
    sql: str


@dataclass(slots=True)
class Constants:
    """The variables of a block whose values are known: plain ones with all that they can be, and arrays."""

    texts: dict[str, tuple[str, ...]] = field(default_factory=dict)
    arrays: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, tree: list[Node]) -> Constants:
        """Those of a block or body, as its parse tree tells them."""
        found, open_ones = cls(), _origins(tree)
        while True:
            known = [name for name, origin in open_ones.items() if found._learn(name, origin)]
            if not known:
                return found
            for name in known:
                del open_ones[name]

    def fold(self, expression: str) -> tuple[str, ...] | None:
        """Every text that an expression can have; None when the block alone does not tell."""
        try:
            return self._fold(_expression(expression))
        except _NotConstantError:
            return None

    def _learn(self, name: str, origin: _Origin) -> bool:
        try:
            if origin.kind == "elements":
                self.texts[name] = self._elements(_expression(origin.sql))
            elif origin.kind == "rows":
                self.texts[name] = self._rows(origin.sql)
            else:
                self._learn_value(name, _expression(origin.sql))
        except _NotConstantError:
            return False
        return True

    def _learn_value(self, name: str, tree: Node) -> None:
        try:
            self.arrays[name] = self._elements(tree)
        except _NotConstantError:
            self.texts[name] = self._fold(tree)

    def _fold(self, tree: Node) -> tuple[str, ...]:
        variables = referenced_columns(tree)
        known = [self.texts.get(name) for name in variables]
        choices = [texts for texts in known if texts is not None]
        if len(choices) != len(known):
            raise _NotConstantError
        combined = itertools.islice(itertools.product(*choices), MOST_TEXTS + 1)
        found = [_text(tree, dict(zip(variables, chosen, strict=True))) for chosen in combined]
        if len(found) > MOST_TEXTS:
            raise _NotConstantError
        return tuple(dict.fromkeys(found))

    def _elements(self, tree: Node) -> tuple[str, ...]:
        """The elements of an array: ``ARRAY[…]``, ``'{…}'::text[]``, or a variable that holds one."""
        ((kind, inside),) = tree.items()
        if kind == "A_ArrayExpr":
            return tuple(text for item in inside.get("elements", ()) for text in self._fold(item))
        if kind == "TypeCast" and inside["typeName"].get("arrayBounds"):
            return _braced(inside["arg"]) if "A_Const" in inside["arg"] else self._elements(inside["arg"])
        name = referenced_columns(tree) if kind == "ColumnRef" else ()
        if name and name[0] in self.arrays:
            return self.arrays[name[0]]
        raise _NotConstantError

    def _rows(self, sql: str) -> tuple[str, ...]:
        """The rows of ``SELECT unnest(array)`` and of ``VALUES`` with one column."""
        try:
            select = parse_one(sql).tree
        except SqlSyntaxError as error:
            raise _NotConstantError from error
        if "valuesLists" in select:
            rows = [row["List"]["items"] for row in select["valuesLists"]]
            return tuple(text for row in rows if len(row) == 1 for text in self._fold(row[0]))
        targets = [item["ResTarget"]["val"] for item in select.get("targetList", ())]
        call = targets[0].get("FuncCall", {}) if len(targets) == 1 and len(select) <= _BARE_SELECT else {}
        if call and names.dotted(call["funcname"])[1] == "unnest":
            return self._elements(call["args"][0])
        raise _NotConstantError


_BARE_SELECT: Final = len(parse_one("SELECT 1").tree)
"""How many fields a SELECT without FROM, WHERE and the like has."""


def _expression(sql: str) -> Node:
    try:
        return parse_expression(sql)
    except SqlSyntaxError as error:
        raise _NotConstantError from error


def _braced(constant: Node) -> tuple[str, ...]:
    text = constant["A_Const"].get("sval", {}).get("sval", "")
    if not re.fullmatch(r"\{\s*\w+(\s*,\s*\w+)*\s*\}", text):
        raise _NotConstantError
    return tuple(part.strip() for part in text[1:-1].split(","))


def _origins(tree: list[Node]) -> dict[str, _Origin]:
    """The variables that one place alone gives a value to, with that place."""
    variables = _variables(tree)
    found: dict[int, list[_Origin | None]] = {number: [] for number in variables}
    for number, origin in _assignments(tree):
        if number in found:
            found[number].append(origin)
    for number, variable in variables.items():
        if "default_val" in variable:
            found[number].append(_Origin("value", _query(variable["default_val"])))
    called = [variable["refname"] for variable in variables.values()]
    single = ((variables[number]["refname"], origins) for number, origins in found.items())
    return {
        name: origins[0]
        for name, origins in single
        if len(origins) == 1 and origins[0] is not None and called.count(name) == 1
    }


def _variables(tree: list[Node]) -> dict[int, Node]:
    """The variables that a block declares, by number; parameters have no line of their own."""
    datums: Sequence[Node] = tree[0]["PLpgSQL_function"].get("datums", ()) if tree else ()
    declared = ((number, datum.get("PLpgSQL_var", {})) for number, datum in enumerate(datums))
    return {number: variable for number, variable in declared if "lineno" in variable}


def _assignments(tree: list[Node]) -> Iterator[tuple[int, _Origin | None]]:
    """The number of each variable that something is put into, and what; None where that is known at run time only.

    The parser leaves the number of the first one out: it is zero.
    """
    for kind, node in walk(tree):
        if kind == "PLpgSQL_stmt_assign":
            sql = _query(node["expr"])
            plain = _ASSIGNED.match(sql)
            yield node.get("varno", 0), _Origin("value", sql[plain.end() :]) if plain else None
        elif kind == "PLpgSQL_stmt_foreach_a":
            yield (
                node.get("varno", 0),
                None if node.get("slice") else _Origin("elements", _query(node["expr"])),
            )
        elif kind == "PLpgSQL_stmt_fors":
            fields = _fields(node.get("var", {}))
            origin = _Origin("rows", _query(node["query"])) if len(fields) == 1 else None
            yield from ((number, origin) for number in fields)
        elif kind == "PLpgSQL_diag_item":
            yield node.get("target", -1), None
        else:
            yield from ((number, None) for number in _fields(node.get("target")))
            yield from ((number, None) for number in _fields(node.get("var")))


def _fields(target: object) -> list[int]:
    row = target.get("PLpgSQL_row", {}) if isinstance(target, dict) else {}
    return [item.get("varno", 0) for item in row.get("fields", ())]


def _query(node: Node) -> str:
    text: str = node["PLpgSQL_expr"]["query"]
    return text


def _text(tree: Node, variables: Mapping[str, str]) -> str:
    """An expression with values for its variables, worked out as the server would."""
    ((kind, inside),) = tree.items()
    if kind == "A_Const":
        return _constant(inside)
    if kind == "ColumnRef" and len(inside["fields"]) == 1:
        return variables[names.text(inside["fields"][0])]
    if kind == "TypeCast" and names.dotted(inside["typeName"]["names"])[1] in _TEXTS:
        return _text(inside["arg"], variables)
    if kind == "A_Expr" and inside["name"] == [{"String": {"sval": "||"}}]:
        return _text(inside["lexpr"], variables) + _text(inside["rexpr"], variables)
    if kind == "FuncCall" and "func_variadic" not in inside:
        return _called(names.dotted(inside["funcname"])[1], inside.get("args", ()), variables)
    raise _NotConstantError


def _constant(node: Node) -> str:
    if "sval" in node:
        return str(node["sval"].get("sval", ""))
    if "ival" in node:
        return str(node["ival"].get("ival", 0))
    raise _NotConstantError


def _called(name: str, arguments: Sequence[Node], variables: Mapping[str, str]) -> str:
    texts = [_text(argument, variables) for argument in arguments]
    match name, texts:
        case "format", [template, *rest]:
            return _formatted(template, rest)
        case "concat", _:
            return "".join(texts)
        case "concat_ws", [between, *rest]:
            return between.join(rest)
        case "quote_ident", [text]:
            return quote(text)
        case "quote_literal" | "quote_nullable", [text]:
            return literal(text)
        case "lower", [text]:
            return text.lower()
        case "upper", [text]:
            return text.upper()
        case "replace", [text, old, new]:
            return text.replace(old, new) if old else text
    raise _NotConstantError


def _formatted(template: str, arguments: Sequence[str]) -> str:
    """What ``format`` makes; widths are for people, and left out."""
    place = 0

    def fill(found: re.Match[str]) -> str:
        nonlocal place
        number, kind = found.groups()
        if kind == "%":
            return "%"
        place = int(number) if number else place + 1
        if not 0 < place <= len(arguments):
            raise _NotConstantError
        text = arguments[place - 1]
        return quote(text) if kind == "I" else literal(text) if kind == "L" else text

    return _DIRECTIVE.sub(fill, template)
