"""Who depends on whom among relations, kept up to date with every change, so that asking costs nothing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from lockgate.analysis.view import Relation
from lockgate.sql.identifiers import QualifiedName

K = TypeVar("K")

Edges = dict[QualifiedName, dict[QualifiedName, None]]
"""From what is depended on to its dependents; the inner dict is an ordered set."""


class Links:
    """Reverse lookups over relations: children, referencing tables, reading views, users of a type, names in use."""

    def __init__(self) -> None:
        self.children: Edges = {}
        self.referencing: Edges = {}
        self.readers: Edges = {}
        self.typed: Edges = {}
        self.owned: Edges = {}
        self.constrained: dict[tuple[str, str], dict[QualifiedName, None]] = {}
        self.table_of_index: dict[QualifiedName, QualifiedName] = {}
        self.by_pair: dict[tuple[str, str], Relation] = {}

    def update(self, name: QualifiedName, old: Relation | None, new: Relation | None) -> None:
        """Follow one change of a relation; unchanged parts are recognised by identity."""
        self._update_pair(name, new)
        before, after = old or _NOTHING, new or _NOTHING
        if before.parents is not after.parents:
            _relink(self.children, name, before.parents, after.parents)
        if before.reads is not after.reads:
            _relink(self.readers, name, before.reads, after.reads)
        if before.constraints is not after.constraints:
            _relink(self.referencing, name, _referenced(before), _referenced(after))
            _relink(self.constrained, name, _named(before), _named(after))
        if before.columns is not after.columns:
            _relink(self.typed, name, _types(before), _types(after))
        if before.owned_by != after.owned_by:
            _relink(self.owned, name, _owner(before), _owner(after))
        if before.indexes is not after.indexes:
            self._update_indexes(name, before, after)

    def _update_pair(self, name: QualifiedName, new: Relation | None) -> None:
        """Relations by plain (schema, name): the lookup that everything waits for makes no object."""
        if new is None:
            self.by_pair.pop((name.schema, name.name), None)
        else:
            self.by_pair[name.schema, name.name] = new

    def _update_indexes(self, name: QualifiedName, before: Relation, after: Relation) -> None:
        for index in before.indexes:
            self.table_of_index.pop(index.name, None)
        for index in after.indexes:
            self.table_of_index[index.name] = name


_NOTHING = Relation(QualifiedName("", ""))


def _referenced(relation: Relation) -> list[QualifiedName]:
    return [constraint.references for constraint in relation.constraints if constraint.references]


def _named(relation: Relation) -> list[tuple[str, str]]:
    schema = relation.name.schema
    return [(schema, constraint.name) for constraint in relation.constraints]


def _types(relation: Relation) -> list[QualifiedName]:
    return [column.type.name for column in relation.columns if column.type.name.schema != "pg_catalog"]


def _owner(relation: Relation) -> list[QualifiedName]:
    return [relation.owned_by[0]] if relation.owned_by else []


def _relink(
    edges: dict[K, dict[QualifiedName, None]], dependent: QualifiedName, old: Iterable[K], new: Iterable[K]
) -> None:
    for target in old:
        edges.get(target, {}).pop(dependent, None)
    for target in new:
        edges.setdefault(target, {})[dependent] = None
