"""Adding, dropping, proving and changing constraints."""

from __future__ import annotations

from lockgate.analysis.locks.alter import foreign_keys, keys, nullability
from lockgate.analysis.locks.alter.work import Alteration, stored
from lockgate.analysis.locks.dependents import Demolition
from lockgate.analysis.state.columns import ConstraintSpec, read_constraint
from lockgate.analysis.view import Constraint
from lockgate.sql.parse import Node
from lockgate.types import LockMode

_KEYS = frozenset({"unique", "primary key", "exclude"})


def add_constraint(alteration: Alteration, command: Node) -> None:
    """ADD CONSTRAINT of any kind."""
    spec = read_constraint(command["def"]["Constraint"], alteration.scene.name)
    if alteration.scene.major >= 18:
        alteration.reach()
    if spec is None:
        alteration.own()
    elif spec.kind == "foreign key":
        foreign_keys.add(alteration, spec.constraint)
    elif spec.kind in _KEYS:
        keys.add_key(alteration, spec)
    elif spec.kind == "not null":
        nullability.not_null_constraint(alteration, spec.constraint)
    else:
        _add_check(alteration, spec)


def _add_check(alteration: Alteration, spec: ConstraintSpec) -> None:
    works = [alteration.own()] if spec.constraint.no_inherit else alteration.reach()
    if spec.not_valid:
        alteration.ledger.because("Only later rows are checked; the old ones wait for VALIDATE.")
        return
    for work in stored(works):
        work.scan = True
    alteration.ledger.because("The check is proved against every row while the lock is held.")


def drop_constraint(alteration: Alteration, command: Node) -> None:
    """DROP CONSTRAINT: brief, on both ends of a foreign key and on all partitions."""
    relation = alteration.relation
    constraint = relation.constraint(command["name"]) or _of_index(alteration, command["name"])
    alteration.dropped.add(command["name"])
    alteration.reach_partitions()
    if constraint is None:
        return
    if constraint.kind == "foreign key":
        foreign_keys.drop(alteration, constraint)
    elif constraint.kind in ("check", "not null") and not constraint.no_inherit:
        alteration.reach()
    elif command.get("behavior") == "DROP_CASCADE":
        _drop_referencing(alteration, constraint)


def _of_index(alteration: Alteration, name: str) -> Constraint | None:
    """The key that stands on an index of that name, where the constraint itself is not listed."""
    index = next((index for index in alteration.relation.indexes if index.constraint == name), None)
    if index is None:
        return None
    return Constraint(
        name, "primary key" if index.primary else "unique", tuple(key.column for key in index.keys)
    )


def _drop_referencing(alteration: Alteration, key: Constraint) -> None:
    """The foreign keys that point to a key go with it."""
    demolition = Demolition(alteration.ledger, cascade=True)
    for table, constraint in alteration.scene.referencing(alteration.relation.name):
        if set(alteration.scene.key_columns(alteration.relation, constraint)) == set(key.columns):
            demolition.constraint(table, constraint)


def validate_constraint(alteration: Alteration, command: Node) -> None:
    """VALIDATE CONSTRAINT: reads every row under a lock that lets reads and writes go on."""
    constraint = alteration.relation.constraint(command["name"])
    alteration.ledger.patient = alteration.mode <= LockMode.SHARE_UPDATE_EXCLUSIVE
    if constraint is not None and constraint.valid:
        alteration.own()
        alteration.ledger.because("The constraint is valid already.")
        return
    alteration.ledger.because("Every row is read.")
    if constraint is not None and constraint.kind == "foreign key":
        foreign_keys.validate(alteration, constraint)
        return
    works = [alteration.own()] if constraint and constraint.no_inherit else alteration.reach()
    for work in stored(works):
        work.scan = True


def alter_constraint(alteration: Alteration, command: Node) -> None:
    """ALTER CONSTRAINT: deferrability, and from 18 on enforcement and inheritance."""
    change = command["def"]["ATAlterConstraint"]
    constraint = alteration.relation.constraint(change.get("conname", ""))
    if change.get("alterInheritability"):
        _alter_inheritance(alteration, constraint, inherited=not change.get("noinherit"))
        return
    enforced = bool(change.get("is_enforced")) if change.get("alterEnforceability") else None
    if constraint is None:
        alteration.reach_partitions()
    else:
        foreign_keys.alter(alteration, constraint, enforced=enforced)


def _alter_inheritance(alteration: Alteration, constraint: Constraint | None, *, inherited: bool) -> None:
    alteration.own()
    for relation in alteration.scene.descendants(alteration.relation.name):
        work = alteration.work(relation)
        if inherited and constraint is not None and work.stored:
            nullability.require(alteration, work, constraint.columns[0])
