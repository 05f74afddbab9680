"""Foreign keys: the table at the other end is locked as well, and both are read to prove the key."""

from __future__ import annotations

from lockgate.analysis.locks.alter.work import Alteration, stored
from lockgate.analysis.locks.scene import is_stored
from lockgate.analysis.view import Constraint, Relation
from lockgate.sql.identifiers import QualifiedName
from lockgate.types import LockMode

_LINK = LockMode.SHARE_ROW_EXCLUSIVE


def add(alteration: Alteration, constraint: Constraint, *, empty: bool = False) -> None:
    """ADD FOREIGN KEY, or REFERENCES behind a new column, which is ``empty`` when it has no default."""
    if constraint.references is None:
        return
    if _adopted_everywhere(alteration, constraint):
        _adopt(alteration, constraint)
        return
    works = alteration.reach_partitions()
    for target in alteration.scene.with_partitions(constraint.references):
        alteration.ledger.lock(target.name, _LINK)
    if not constraint.valid or empty:
        alteration.ledger.because(f"Writers of {constraint.references} wait until the transaction ends.")
        return
    for work in stored(works):
        work.scan = True
    alteration.ledger.because("The key is proved: both tables are read while writers of either wait.")
    if not _is_all_null(alteration, constraint):
        read(alteration, constraint.references, _LINK)


def _adopted_everywhere(alteration: Alteration, constraint: Constraint) -> bool:
    """Whether every direct partition has a valid key of the same shape already."""
    children = alteration.scene.state.children(alteration.relation.name)
    partitioned = alteration.relation.kind == "partitioned table"
    known = [alteration.scene.known(child) for child in children]
    return partitioned and bool(known) and all(_same_key(child, constraint) for child in known)


def _same_key(relation: Relation, constraint: Constraint) -> bool:
    return any(
        own.kind == "foreign key"
        and own.valid
        and (own.columns, own.references) == (constraint.columns, constraint.references)
        for own in relation.constraints
    )


def _adopt(alteration: Alteration, constraint: Constraint) -> None:
    """The keys of the partitions become parts of the new one: nothing is read, but their triggers give way to its."""
    alteration.own()
    for child in alteration.scene.state.children(alteration.relation.name):
        alteration.work(alteration.scene.known(child))
    assert constraint.references is not None
    alteration.ledger.lock_all(
        alteration.scene.with_partitions(constraint.references), LockMode.ACCESS_EXCLUSIVE
    )
    alteration.ledger.because("Every partition has the key already; only the catalog changes.")


def read(alteration: Alteration, name: QualifiedName, mode: LockMode) -> None:
    """Have every row of a referenced table read."""
    for target in alteration.scene.with_partitions(name):
        alteration.ledger.lock(target.name, mode, scan=is_stored(target))


def _is_all_null(alteration: Alteration, constraint: Constraint) -> bool:
    """Whether a column of the key is new and empty, so that there is nothing to look up at the other end."""
    added = [alteration.added[name] for name in constraint.columns if name in alteration.added]
    return any(
        column.default is None or bool(column.default.get("A_Const", {}).get("isnull"))
        for column in added
        if not column.identity
    )


def drop(alteration: Alteration, constraint: Constraint) -> None:
    """DROP CONSTRAINT of a foreign key: its triggers go from both ends."""
    if constraint.references is not None:
        alteration.ledger.lock_all(
            alteration.scene.with_partitions(constraint.references), LockMode.ACCESS_EXCLUSIVE
        )
        alteration.ledger.because(f"The key's triggers are taken from {constraint.references} as well.")


def validate(alteration: Alteration, constraint: Constraint) -> None:
    """VALIDATE CONSTRAINT of a foreign key: both ends are read, and everybody goes on."""
    for work in stored(alteration.reach_partitions()):
        work.scan = True
    if constraint.references is None:
        return
    target, *partitions = alteration.scene.with_partitions(constraint.references)
    alteration.ledger.lock(target.name, LockMode.ROW_SHARE, scan=is_stored(target))
    for partition in partitions:
        alteration.ledger.lock(partition.name, LockMode.ACCESS_SHARE, scan=is_stored(partition))


def alter(alteration: Alteration, constraint: Constraint, *, enforced: bool | None) -> None:
    """ALTER CONSTRAINT of a foreign key: deferrable or not, and from 18 on enforced or not."""
    works = alteration.reach_partitions()
    if enforced is None or constraint.references is None:
        return
    if not enforced:
        drop(alteration, constraint)
        return
    alteration.ledger.lock_all(alteration.scene.with_partitions(constraint.references), _LINK)
    for work in stored(works):
        work.scan = True
    read(alteration, constraint.references, _LINK)
