"""Which rows a statement changes, and whose they are."""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import Context
from lockgate.analysis.state.catalog import TEMPORARY
from lockgate.migration.directives import Backfill
from lockgate.sql.identifiers import QualifiedName
from lockgate.sql.parse import Node, without_locations

CHANGES = ("InsertStmt", "UpdateStmt", "DeleteStmt", "MergeStmt")
"""The statements that change rows and may stand in a WITH."""


def changes_of(context: Context) -> Iterator[tuple[str, Node]]:
    """The statements that change rows in a statement: itself, and those in its WITH."""
    kind, tree = context.statement.kind, context.tree
    if kind in CHANGES:
        yield kind, tree
    for item in tree.get("withClause", {}).get("ctes", ()):
        for inner, query in item["CommonTableExpr"].get("ctequery", {}).items():
            if inner in CHANGES:
                yield inner, query


def is_own(context: Context, name: QualifiedName) -> bool:
    """Whether a table is temporary or made by this file, whatever it holds by now."""
    return name.schema == TEMPORARY or context.state.known(name).is_new


def is_backfilled(context: Context) -> bool:
    """Whether Lockgate will run the statement in chunks, each in a transaction of its own."""
    directives = context.source.directives.on(context.statement.index, Backfill)
    return bool(directives) and context.session.runner.name == "lockgate"


def is_literal(insert: Node) -> bool:
    """Whether an INSERT brings its rows along, so that they are few."""
    source = insert.get("selectStmt", {}).get("SelectStmt", {})
    return "valuesLists" in source or not source


def matches_every_row(where: Node | None) -> bool:
    """Whether a condition is missing, or true whatever the row holds (``true``, ``1 = 1``, ``id = id``)."""
    if where is None:
        return True
    if "A_Const" in where:
        return bool(where["A_Const"].get("boolval", {}).get("boolval"))
    if "TypeCast" in where:
        return where["TypeCast"]["arg"].get("A_Const", {}).get("sval", {}).get("sval") in ("t", "true")
    if "BoolExpr" in where:
        parts = [matches_every_row(part) for part in where["BoolExpr"]["args"]]
        kind = where["BoolExpr"]["boolop"]
        return all(parts) if kind == "AND_EXPR" else kind == "OR_EXPR" and any(parts)
    expression = where.get("A_Expr", {})
    if expression.get("kind") != "AEXPR_OP" or expression["name"][-1]["String"].get("sval") != "=":
        return False
    return bool(without_locations(expression.get("lexpr")) == without_locations(expression.get("rexpr")))
