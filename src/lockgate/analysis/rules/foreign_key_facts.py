"""Foreign keys: those that a file made, the index that serves one, and the way through partitions."""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import Context
from lockgate.analysis.rules.safe import (
    add_constraint,
    create_plain_index,
    index_online,
    not_valid_then_validate,
    one_by_one,
    unmarked,
)
from lockgate.analysis.state.catalog import Birth
from lockgate.analysis.state.columns import ConstraintSpec
from lockgate.analysis.view import Constraint, Relation


def made_foreign_keys(context: Context) -> Iterator[tuple[Relation, Constraint, Birth]]:
    """The foreign keys that this file made and that are still there, inherited ones apart."""
    for table, name in context.state.made("constraint"):
        relation = context.state.known(table)
        constraint = relation.constraint(name)
        birth = context.state.birth("constraint", table, name)
        if constraint is None or birth is None or constraint.inherited or constraint.references is None:
            continue
        yield relation, constraint, birth


def new_foreign_keys(context: Context) -> Iterator[tuple[Relation, Constraint, Birth]]:
    """The foreign keys of all files that are reported on and that are still there in the end, inherited ones apart."""
    for relation in context.state.relations():
        for constraint in relation.constraints:
            if constraint.kind != "foreign key" or constraint.inherited or constraint.references is None:
                continue
            birth = context.state.birth("constraint", relation.name, constraint.name)
            if birth is not None and birth.unit >= context.first:
                yield relation, constraint, birth


def has_index(table: Relation, key: Constraint) -> bool:
    """Whether an index begins with the columns of a foreign key, in any order."""
    wanted = set(key.columns)
    for index in table.indexes:
        first = {part.column for part in index.keys[: len(wanted)]}
        if first == wanted and index.method in ("btree", "hash") and _covers(index.predicate, wanted):
            return True
    return False


def _covers(predicate: object, columns: set[str]) -> bool:
    """Whether an index condition keeps every row that a foreign key looks for (none of those is NULL)."""
    if predicate is None:
        return True
    test = predicate.get("NullTest", {}) if isinstance(predicate, dict) else {}
    reference = test.get("arg", {}).get("ColumnRef", {}).get("fields", [])
    names = {field.get("String", {}).get("sval") for field in reference}
    return test.get("nulltesttype") == "IS_NOT_NULL" and bool(names & columns)


def index_for(context: Context, table: Relation, key: Constraint, birth: Birth) -> str:
    """The index that a foreign key needs; stopping no writer where others use the table, as with one that is older."""
    made = context.state.birth("relation", table.name)
    if made is not None and made.unit == birth.unit:
        return create_plain_index(context, table, key.columns, concurrent=False)
    return index_online(context, table, key.columns)


def has_on_every_partition(context: Context, table: Relation, key: Constraint) -> bool:
    """Whether each partition has a valid key of the same shape, which the parent's takes over without a scan."""
    children = [context.state.known(child) for child in context.state.children(table.name)]
    return bool(children) and all(
        any(
            own.valid and (own.columns, own.references) == (key.columns, key.references)
            for own in child.constraints
        )
        for child in children
    )


def partition_by_partition(context: Context, table: Relation, spec: ConstraintSpec) -> str:
    """A foreign key added to each partition without a scan under a strong lock, and then to the parent."""
    steps = _through_partitions(context, table, spec)
    return one_by_one(context, *steps) if len(steps) > 1 else ""


def _through_partitions(context: Context, table: Relation, spec: ConstraintSpec) -> list[str]:
    if table.kind != "partitioned table":
        return [unmarked(context, not_valid_then_validate(context, table, spec))]
    children = [context.state.known(child) for child in context.state.children(table.name)]
    steps = [step for child in children for step in _through_partitions(context, child, spec)]
    columns = [{"String": {"sval": column}} for column in spec.constraint.columns]
    return [*steps, add_constraint(table, spec.node, fk_attrs=columns)]
