"""Takes statements apart, so that the harmless ones need not wait for the others.

Each command of an ALTER TABLE becomes a statement by itself, and each object that a DROP names; what needs another one
goes before it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Final

from lockgate.analysis.state.catalog import Catalog
from lockgate.analysis.state.names import object_name
from lockgate.planning.inline import without_inline
from lockgate.sql.identifiers import QualifiedName
from lockgate.sql.parse import Node, Statement, deparse

_RELATIONS: Final = ("OBJECT_TABLE", "OBJECT_VIEW", "OBJECT_MATVIEW", "OBJECT_INDEX")


def separated(statements: Sequence[Statement], state: Catalog) -> Iterator[Statement]:
    """The statements one by one, in the words of the server where they had to be taken apart."""
    for statement in statements:
        trees = list(_apart(statement, state))
        if len(trees) < 2:
            yield statement
            continue
        for tree in trees:
            yield replace(statement, tree=tree, sql=deparse({statement.kind: tree}))


def _apart(statement: Statement, state: Catalog) -> Iterator[Node]:
    tree = statement.tree
    if statement.kind == "AlterTableStmt":
        for command in tree.get("cmds", ()):
            for single in without_inline(tree, command, state):
                yield {**tree, "cmds": [single]}
    elif statement.kind == "DropStmt" and tree.get("removeType") in _RELATIONS:
        places = {state.relation_name(*object_name(item)): item for item in tree["objects"]}
        for name in needing_first(places, state):
            yield {**tree, "objects": [places[name]]}


def needing_first(names: Iterable[QualifiedName], state: Catalog) -> tuple[QualifiedName, ...]:
    """Relations in the order in which they may go: each after those that refer to it or read it."""
    left, found = list(names), list[QualifiedName]()
    while left:
        free = [name for name in left if not _needed(name, left, state)] or left[:1]
        found += free
        left = [name for name in left if name not in free]
    return tuple(found)


def _needed(name: QualifiedName, others: Iterable[QualifiedName], state: Catalog) -> bool:
    using = {table for table, _ in state.referencing(name)} | set(state.readers(name))
    return any(other in using for other in others if other != name)
