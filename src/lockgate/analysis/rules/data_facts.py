"""Which rows a statement changes, and whose they are."""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import Context
from lockgate.analysis.rules.condition_facts import matches_every_row, never_null_columns
from lockgate.analysis.state.catalog import TEMPORARY
from lockgate.migration.directives import Backfill
from lockgate.sql.identifiers import QualifiedName
from lockgate.sql.parse import Node

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


def changed_as_a_whole(context: Context, wanted: str) -> Iterator[tuple[Node, QualifiedName]]:
    """The changes of that kind which reach every row of a table in use, at once, each with the table."""
    if is_backfilled(context):
        return
    for kind, tree in changes_of(context):
        if kind == wanted and matches_every_row(tree.get("whereClause"), never_null_columns(context, tree)):
            table = context.name(tree["relation"])
            if not is_own(context, table):
                yield tree, table


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
