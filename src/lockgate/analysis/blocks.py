"""The parse tree of a PL/pgSQL block, also where the parser, which knows no catalog, takes a type for a record."""

from __future__ import annotations

import functools
import re
from typing import Final

from lockgate.analysis.state import names
from lockgate.errors import SqlSyntaxError
from lockgate.sql.parse import Node, deparse, parse_expression, parse_plpgsql
from lockgate.values import value

_TAKEN_FOR_A_RECORD: Final = re.compile(r"type _?record\b|record variable cannot|is not a scalar variable")
_DECLARATIONS: Final = re.compile(r"\bDECLARE\b(.*?)\bBEGIN\b", re.IGNORECASE | re.DOTALL)
_DECLARATION: Final = re.compile(
    r"""^(\s*\w+\s+(?:CONSTANT\s+)?)((?:[\w"]+\.)?[\w"]+(?:\[\])?)(?=\s*(?:;|:?=|DEFAULT\b|NOT\s+NULL\b))""",
    re.IGNORECASE | re.MULTILINE,
)
_TEXT: Final[Node] = {
    "names": [{"String": {"sval": "pg_catalog"}}, {"String": {"sval": "text"}}],
    "typemod": -1,
}


@value(frozen=True, slots=True)
class _Failure:
    error: SqlSyntaxError


def parse_block(kind: str, sql: str, tree: Node) -> list[Node]:
    """The tree of a DO block or of a function in PL/pgSQL; raises SqlSyntaxError."""
    found = _parsed(sql)
    if isinstance(found, _Failure) and _TAKEN_FOR_A_RECORD.search(str(found.error)):
        found = _parsed(deparse({kind: _with_plain_types(kind, tree)}))
    if isinstance(found, _Failure):
        raise found.error
    return found


@functools.lru_cache(maxsize=256)
def _parsed(sql: str) -> list[Node] | _Failure:
    try:
        return parse_plpgsql(sql)
    except SqlSyntaxError as error:
        return _Failure(error)


def _with_plain_types(kind: str, tree: Node) -> Node:
    """The statement with ``text`` for every type that is the user's: the lines of its body stay the same."""
    key = "args" if kind == "DoStmt" else "options"
    changed = {**tree, key: [_with_plain_body(item) for item in tree.get(key, ())]}
    if "parameters" in tree:
        changed["parameters"] = [_with_plain_type(item) for item in tree["parameters"]]
    if tree.get("returnType", {}).get("arrayBounds"):
        changed["returnType"] = _plain(tree["returnType"])
    return changed


def _with_plain_type(item: Node) -> Node:
    parameter = item["FunctionParameter"]
    return {"FunctionParameter": {**parameter, "argType": _plain(parameter["argType"])}}


def _plain(type_node: Node) -> Node:
    if names.type_ref(type_node).name.schema == names.PG_CATALOG:
        return type_node
    return {**_TEXT, **({"arrayBounds": type_node["arrayBounds"]} if "arrayBounds" in type_node else {})}


def _with_plain_body(item: Node) -> Node:
    element = item["DefElem"]
    if element["defname"] != "as":
        return item
    given = element["arg"]
    text = names.text(given["List"]["items"][-1] if "List" in given else given)
    plain: Node = {"String": {"sval": _DECLARATIONS.sub(_with_plain_declarations, text)}}
    return {"DefElem": {**element, "arg": {"List": {"items": [plain]}} if "List" in given else plain}}


def _with_plain_declarations(block: re.Match[str]) -> str:
    return _DECLARATION.sub(lambda found: f"{found[1]}{_plain_name(found[2])}", block[0])


def _plain_name(written: str) -> str:
    try:
        node = parse_expression(f"NULL::{written}")["TypeCast"]["typeName"]
    except SqlSyntaxError:
        return written
    plain = names.type_ref(node).name.schema == names.PG_CATALOG
    return written if plain else "text[]" if written.endswith("[]") else "text"
