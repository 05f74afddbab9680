"""Whether two indexes or two foreign keys are the same but for the table they belong to."""

from __future__ import annotations

from lockgate.analysis.view import Constraint, Index, IndexKey, Relation
from lockgate.sql.parse import without_locations


def same_index(one: Index, other: Index) -> bool:
    """Whether an index of a partition can be attached to one of its parent."""
    return (
        one.method == other.method
        and one.unique == other.unique
        and one.primary == other.primary
        and one.include == other.include
        and len(one.keys) == len(other.keys)
        and all(_same_key(first, second) for first, second in zip(one.keys, other.keys, strict=True))
        and without_locations(one.predicate) == without_locations(other.predicate)
    )


def _same_key(one: IndexKey, other: IndexKey) -> bool:
    return (one.column, one.opclass, one.collation) == (other.column, other.opclass, other.collation) and (
        without_locations(one.expression) == without_locations(other.expression)
    )


def matching_index(relation: Relation, wanted: Index) -> Index | None:
    """An index of a partition that can stand for one of its parent, not yet attached and valid."""
    return next((index for index in relation.indexes if index.valid and same_index(index, wanted)), None)


def same_foreign_key(one: Constraint, other: Constraint) -> bool:
    """Whether a foreign key of a partition can stand for one of its parent."""
    return (
        other.kind == "foreign key"
        and one.references == other.references
        and one.columns == other.columns
        and one.referenced_columns == other.referenced_columns
        and (one.on_delete, one.on_update, one.deferrable)
        == (other.on_delete, other.on_update, other.deferrable)
    )
