"""Unique keys, primary keys and exclusion constraints: the index behind them is built under the strong lock."""

from __future__ import annotations

from lockgate.analysis.locks.alter.nullability import require
from lockgate.analysis.locks.alter.work import Alteration, stored
from lockgate.analysis.locks.expressions import is_not_null
from lockgate.analysis.locks.scene import is_stored
from lockgate.analysis.locks.shapes import same_index
from lockgate.analysis.state.columns import ConstraintSpec
from lockgate.analysis.view import Index, IndexKey, Relation
from lockgate.types import LockMode


def add_key(alteration: Alteration, spec: ConstraintSpec) -> None:
    """ADD CONSTRAINT … UNIQUE, PRIMARY KEY or EXCLUDE, with an index that is there or one to be built."""
    columns = spec.constraint.columns or _columns_of_index(alteration.relation, spec.using_index)
    if spec.kind == "primary key":
        _demand_not_null(alteration, columns)
    if spec.using_index:
        alteration.own()
        alteration.ledger.because("The index is there already; only the catalog changes.")
    else:
        build(alteration, spec)


def _columns_of_index(relation: Relation, name: str) -> tuple[str, ...]:
    index = next((index for index in relation.indexes if index.name.name == name), None)
    return tuple(key.column for key in index.keys) if index else ()


def _demand_not_null(alteration: Alteration, columns: tuple[str, ...]) -> None:
    nullable = [
        column
        for column in columns
        if column not in alteration.added
        and (column in alteration.nullable or not is_not_null(alteration.relation, column))
    ]
    for work in stored(alteration.reach()) if nullable else ():
        for column in nullable:
            require(alteration, work, column)


def build(alteration: Alteration, spec: ConstraintSpec) -> None:
    """Build the index behind a key, in every partition where there is none to take."""
    alteration.ledger.because("The index behind the key is built while the lock is held.")
    alteration.own().build = True
    wanted = _index_of(alteration.relation, spec)
    mode = LockMode.ACCESS_EXCLUSIVE if alteration.scene.major >= 18 else LockMode.SHARE
    for partition in () if alteration.alone else alteration.scene.partitions(alteration.relation):
        builds = is_stored(partition) and not any(
            index.constraint and same_index(index, wanted) for index in partition.indexes
        )
        alteration.ledger.lock(partition.name, mode, scan=builds, index_build=builds)


def _index_of(relation: Relation, spec: ConstraintSpec) -> Index:
    return Index(
        relation.name,
        relation.name,
        tuple(IndexKey(column) for column in spec.constraint.columns),
        include=spec.include,
        unique=spec.kind != "exclude",
        primary=spec.kind == "primary key",
        method=spec.method,
    )
