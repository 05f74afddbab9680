"""Which names a statement mentions, and which it gives to new objects."""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import Context
from lockgate.analysis.view import Relation
from lockgate.sql.parse import Node, walk


def mentioned_relations(context: Context, tree: Node) -> Iterator[Relation]:
    """Every relation that a statement names, common table expressions among them."""
    for key in ("relation", "table", "view"):
        if isinstance(tree.get(key), dict) and "relname" in tree[key]:
            yield context.relation(tree[key])
    for kind, node in walk(tree):
        if kind == "RangeVar":
            yield context.relation(node)
