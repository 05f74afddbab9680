"""The schema that a statement meets, with the questions that forecasting asks again and again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from lockgate.analysis import type_changes
from lockgate.analysis.state import names
from lockgate.analysis.view import Constraint, Index, Relation, StateView, TypeRef
from lockgate.sql.identifiers import QualifiedName
from lockgate.sql.parse import Node

SYSTEM_SCHEMAS = frozenset({"pg_catalog", "information_schema", "pg_toast"})
STORED = frozenset({"table", "materialized view"})
"""The kinds of relations that have rows of their own on disk."""


class Scene:
    """A view of the schema and a server version."""

    __slots__ = ("major", "state")

    def __init__(self, state: StateView, major: int) -> None:
        self.state = state
        self.major = major

    # Names

    def name(self, schema: str, name: str) -> QualifiedName:
        """The qualified name that a mention of a relation means; an unknown one goes where it would be made."""
        if schema:
            return QualifiedName(schema, name)
        found = self.state.relation("", name)
        if found is not None:
            return found.name
        return QualifiedName(names.PG_CATALOG if name.startswith("pg_") else self.home, name)

    def new_name(self, schema: str, name: str) -> QualifiedName:
        """The qualified name that an object made under that name gets."""
        return QualifiedName(schema or self.home, name)

    @property
    def home(self) -> str:
        """The schema where new objects go."""
        return next(iter(self.state.search_path), "public")

    def range_var(self, node: Node) -> QualifiedName:
        """The qualified name of a ``RangeVar``."""
        return self.name(*names.range_var(node))

    # Relations

    def find(self, name: QualifiedName) -> Relation | None:
        """A relation by its qualified name."""
        return self.state.relation(name.schema, name.name)

    def known(self, name: QualifiedName) -> Relation:
        """A relation by its qualified name; one that nothing is known about is taken for a table."""
        return self.find(name) or Relation(name, partial=True)

    def relation(self, node: Node) -> Relation:
        """The relation of a ``RangeVar``."""
        return self.known(self.range_var(node))

    def index(self, schema: str, name: str) -> Index | None:
        """An index by name."""
        return self.state.index(schema, name)

    def exists(self, schema: str, name: str) -> bool:
        """Whether a relation or an index of that name is known."""
        return self.state.relation(schema, name) is not None or self.index(schema, name) is not None

    def descendants(self, name: QualifiedName) -> Iterator[Relation]:
        """All partitions and inheritance children, however deep, each once."""
        seen = {name}
        queue = list(self.state.children(name))
        while queue:
            child = queue.pop(0)
            if child not in seen:
                seen.add(child)
                yield self.known(child)
                queue += self.state.children(child)

    def family(self, relation: Relation, *, alone: bool = False) -> Iterator[Relation]:
        """A relation and, unless it is taken alone (ONLY), all its descendants."""
        yield relation
        if not alone:
            yield from self.descendants(relation.name)

    def partitions(self, relation: Relation) -> Iterator[Relation]:
        """The descendants of a partitioned table; nothing for another relation."""
        if relation.kind == "partitioned table":
            yield from self.descendants(relation.name)

    def with_partitions(self, name: QualifiedName) -> Iterator[Relation]:
        """A table and, when it is partitioned, its partitions."""
        relation = self.known(name)
        yield relation
        yield from self.partitions(relation)

    def default_partition(self, parent: Relation) -> Relation | None:
        """The default partition of a partitioned table."""
        for child in self.state.children(parent.name):
            relation = self.known(child)
            if relation.partition_bound is not None and relation.partition_bound.default:
                return relation
        return None

    # Keys

    def foreign_keys(self, relation: Relation) -> Iterator[tuple[Constraint, QualifiedName]]:
        """The foreign keys that a table has, each with the table that it points to."""
        for constraint in relation.constraints:
            if constraint.kind == "foreign key" and constraint.references is not None:
                yield constraint, constraint.references

    def referencing(self, name: QualifiedName) -> Iterable[tuple[QualifiedName, Constraint]]:
        """The foreign keys that point to a table, each with the table that has it."""
        return self.state.referencing(name)

    def key_columns(self, relation: Relation, constraint: Constraint) -> tuple[str, ...]:
        """The columns of this relation that a foreign key points to; without a list, those of its primary key."""
        if constraint.referenced_columns:
            return constraint.referenced_columns
        primary = next((c for c in relation.constraints if c.kind == "primary key"), None)
        return primary.columns if primary else ()

    # Types

    def type(self, node: Node) -> TypeRef:
        """A ``TypeName`` with its user-defined name looked up."""
        return type_changes.resolve(node, self.state)


def is_stored(relation: Relation) -> bool:
    """Whether a relation has rows of its own on disk."""
    return relation.kind in STORED
