"""ALTER COLUMN … TYPE: the rewrite, the indexes that are built anew, the checks and keys that are proved again."""

from __future__ import annotations

from lockgate.analysis import type_changes
from lockgate.analysis.locks.alter.work import Alteration, Work
from lockgate.analysis.locks.expressions import columns_in
from lockgate.analysis.locks.scene import is_stored
from lockgate.analysis.state import names
from lockgate.analysis.type_changes import Coercion
from lockgate.analysis.view import Column, Constraint, Index, IndexKey, Relation, TypeRef
from lockgate.sql.parse import Node
from lockgate.types import LockMode


def change_type(alteration: Alteration, command: Node) -> None:
    """ALTER COLUMN … TYPE, for a table and all its descendants."""
    definition = command["def"]["ColumnDef"]
    target = alteration.scene.type(definition["typeName"])
    for work in alteration.reach():
        column = work.relation.column(command["name"])
        outcome = _outcome(alteration, column, target, definition)
        work.rewrite = work.rewrite or not outcome.free
        _depending_indexes(alteration, work, column, definition, target)
        _depending_constraints(alteration, work, command["name"])
        _depending_keys(alteration, work, command["name"], target)
        if not outcome.free and work.stored:
            alteration.ledger.because(f"Every row is written anew: {outcome.why}.")


def _outcome(alteration: Alteration, column: Column | None, target: TypeRef, definition: Node) -> Coercion:
    if column is None:
        return Coercion(False, target, "the old type is not known, so it is taken for one that differs")
    state = alteration.scene.state
    source = Coercion(True, column.type)
    if "raw_default" in definition:
        source = type_changes.using(definition["raw_default"], column.name, column.type, state)
    return type_changes.coerce(source.type, target, state) if source.free else source


def _depending_indexes(
    alteration: Alteration, work: Work, column: Column | None, definition: Node, target: TypeRef
) -> None:
    if column is None:
        return
    for index in work.relation.indexes:
        if not alteration.keeps(index):
            continue
        if column.name in _columns_of(index) and not _survives(alteration, index, column, definition, target):
            work.build = True
            alteration.ledger.because(f"Index {index.name.name} is built anew.")


def _columns_of(index: Index) -> set[str]:
    found = {key.column for key in index.keys} | set(index.include)
    return found | columns_in([key.expression for key in index.keys]) | columns_in(index.predicate)


def _survives(
    alteration: Alteration, index: Index, column: Column, definition: Node, target: TypeRef
) -> bool:
    """Whether an index is kept as it is (``CheckIndexCompatible``).

    One with an expression or a predicate never is, nor one that belongs to an index of a partitioned table.
    """
    if index.parent is not None or index.predicate is not None:
        return False
    if any(key.expression is not None for key in index.keys):
        return False
    keys = [key for key in index.keys if key.column == column.name]
    return all(_key_survives(alteration, key, column, definition, target) for key in keys)


def _key_survives(
    alteration: Alteration, key: IndexKey, column: Column, definition: Node, target: TypeRef
) -> bool:
    state = alteration.scene.state
    if not key.opclass and not type_changes.same_order(column.type, target, state):
        return False
    if key.collation or not type_changes.is_collated(target, state):
        return True
    return column.collation == _collation(alteration, definition, target)


def _collation(alteration: Alteration, definition: Node, target: TypeRef) -> str:
    """The collation that the column will have: the one it is given, or that of its type."""
    clause = definition.get("collClause", {}).get("collname")
    if clause:
        return names.dotted(clause)[1]
    domains = type_changes.domains(target, alteration.scene.state)
    return next((domain.collation for domain in domains if domain.collation), "")


def _depending_constraints(alteration: Alteration, work: Work, column: str) -> None:
    for constraint in work.relation.constraints:
        if constraint.name in alteration.dropped:
            continue
        if constraint.kind == "check" and column in columns_in(constraint.expression):
            work.scan = work.scan or (constraint.valid and constraint.enforced)


def _depending_keys(alteration: Alteration, work: Work, column: str, target: TypeRef) -> None:
    """Foreign keys on either side are dropped and made again, and proved unless they compare as before."""
    scene, relation = alteration.scene, work.relation
    for constraint, other in scene.foreign_keys(relation):
        if column in constraint.columns and constraint.name not in alteration.dropped:
            _remake(alteration, work, constraint, scene.known(other), column, target)
    for table, constraint in scene.referencing(relation.name):
        keys = scene.key_columns(relation, constraint)
        if column in keys and not _loses_key(alteration, keys):
            _remake(alteration, work, constraint, scene.known(table), column, target)


def _loses_key(alteration: Alteration, columns: tuple[str, ...]) -> bool:
    """Whether the key that a foreign key stands on is dropped by the same statement."""
    dropped = [c for c in alteration.relation.constraints if c.name in alteration.dropped]
    return any(set(constraint.columns) == set(columns) for constraint in dropped)


def _remake(
    alteration: Alteration, work: Work, constraint: Constraint, other: Relation, column: str, target: TypeRef
) -> None:
    old = work.relation.column(column)
    kept = old is not None and type_changes.same_order(old.type, target, alteration.scene.state)
    proves = (work.rewrite or not kept) and constraint.valid and constraint.enforced
    work.scan = work.scan or proves
    for table in alteration.scene.with_partitions(other.name):
        alteration.ledger.lock(table.name, LockMode.ACCESS_EXCLUSIVE, scan=proves and is_stored(table))
    alteration.ledger.because(f"The foreign key {constraint.name} with {other.name} is made anew.")
