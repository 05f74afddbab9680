"""Attaching and detaching partitions and inheritance children."""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.locks.alter.work import Alteration
from lockgate.analysis.locks.bounds import proves_inside, proves_outside
from lockgate.analysis.locks.ledger import Ledger
from lockgate.analysis.locks.scene import Scene, is_stored
from lockgate.analysis.locks.shapes import matching_index, same_foreign_key
from lockgate.analysis.view import Constraint, Relation
from lockgate.sql.identifiers import QualifiedName
from lockgate.sql.parse import Node
from lockgate.types import LockMode

_FULL = LockMode.ACCESS_EXCLUSIVE
_LINK = LockMode.SHARE_ROW_EXCLUSIVE


def attach(alteration: Alteration, command: Node) -> None:
    """ATTACH PARTITION: the parent stays open; the new partition is closed and, without a proof, read."""
    ledger, scene, parent = alteration.ledger, alteration.scene, alteration.relation
    alteration.own()
    spec = command["def"]["PartitionCmd"].get("bound", {})
    child = scene.relation(command["def"]["PartitionCmd"]["name"])
    unproved = not proves_inside(child, parent.partition_key, spec) and _is_bounded(scene, parent, spec)
    for table in scene.family(child):
        scan = unproved and is_stored(table) and not proves_inside(table, parent.partition_key, spec)
        ledger.lock(table.name, _FULL, scan=scan)
    if unproved:
        ledger.because(f"Every row of {child.name} is read: no valid check says that it is within the bound.")
    close_default(ledger, parent, spec)
    _take_indexes(ledger, parent, child)
    _take_keys(ledger, parent, child)


def _is_bounded(scene: Scene, parent: Relation, spec: Node) -> bool:
    """Whether the bound refuses any row: a first partition that is the default one takes them all."""
    return not spec.get("is_default") or bool(scene.state.children(parent.name)) or parent.partial


def close_default(ledger: Ledger, parent: Relation, spec: Node) -> None:
    """A new bound takes its rows from the default partition, which is closed and, without a proof, read."""
    default = ledger.scene.default_partition(parent)
    if default is None:
        return
    unproved = not proves_outside(default, parent.partition_key, spec)
    for table in ledger.scene.family(default):
        scan = unproved and is_stored(table) and not proves_outside(table, parent.partition_key, spec)
        ledger.lock(table.name, _FULL, scan=scan)
    if unproved:
        ledger.because(f"Every row of the default partition {default.name} is read.")


def _take_indexes(ledger: Ledger, parent: Relation, child: Relation) -> None:
    for table in ledger.scene.family(child):
        missing = [index for index in parent.indexes if matching_index(table, index) is None]
        if missing and is_stored(table):
            ledger.lock(table.name, _FULL, scan=True, index_build=True)
            ledger.because(f"The indexes of {parent.name} that {table.name} lacks are built.")


def _take_keys(ledger: Ledger, parent: Relation, child: Relation) -> None:
    scene = ledger.scene
    for constraint, target in scene.foreign_keys(parent):
        if any(same_foreign_key(constraint, own) for own in child.constraints):
            ledger.lock_all(scene.with_partitions(target), _FULL)
        else:
            _prove(ledger, constraint, scene.family(child), target)
    for table, _ in scene.referencing(parent.name):
        ledger.lock_all(scene.with_partitions(table), _LINK)


def _prove(ledger: Ledger, constraint: Constraint, tables: Iterator[Relation], target: QualifiedName) -> None:
    reads = constraint.valid and constraint.enforced
    for table in tables:
        ledger.lock(table.name, _FULL, scan=reads and is_stored(table))
    for table in ledger.scene.with_partitions(target):
        ledger.lock(table.name, _LINK, scan=reads and is_stored(table))


def detach(alteration: Alteration, command: Node) -> None:
    """DETACH PARTITION: closes the parent, its default partition and the partition; CONCURRENTLY only the last."""
    ledger, scene, parent = alteration.ledger, alteration.scene, alteration.relation
    child = scene.relation(command["def"]["PartitionCmd"]["name"])
    concurrent = bool(command["def"]["PartitionCmd"].get("concurrent"))
    alteration.own()
    ledger.lock_all(scene.family(child), _FULL)
    if concurrent:
        ledger.transactional, ledger.patient = False, True
        ledger.because("Waits until no transaction uses the partition any more, then closes it for a moment.")
    default = scene.default_partition(parent)
    if default is not None and not concurrent:
        ledger.lock(default.name, _FULL)
    _release_keys(ledger, parent, child)


def _release_keys(ledger: Ledger, parent: Relation, child: Relation) -> None:
    scene = ledger.scene
    for _, target in scene.foreign_keys(parent):
        ledger.lock_all(scene.with_partitions(target), _LINK)
    for table, _ in scene.referencing(parent.name):
        _look_for_references(ledger, table, child)
        ledger.because(f"{table} is searched for rows that point into {child.name}.")


def _look_for_references(ledger: Ledger, table: QualifiedName, child: Relation) -> None:
    """Nothing may point into a partition that leaves: both ends are read."""
    for relation in (*ledger.scene.with_partitions(table), *ledger.scene.family(child)):
        ledger.lock(relation.name, _FULL, scan=is_stored(relation))


def finalize(alteration: Alteration, command: Node) -> None:
    """DETACH PARTITION … FINALIZE: the second half of a concurrent detach that was broken off."""
    alteration.own()
    child = alteration.scene.relation(command["def"]["PartitionCmd"]["name"])
    alteration.ledger.lock_all(alteration.scene.family(child), _FULL)
    _release_keys(alteration.ledger, alteration.relation, child)


def inherit(alteration: Alteration, command: Node) -> None:
    """INHERIT and NO INHERIT: the child is closed, the parent stays open."""
    alteration.own()
    parent = alteration.scene.range_var(command["def"]["RangeVar"])
    joins = command["subtype"] == "AT_AddInherit"
    if joins:
        descendants = alteration.scene.descendants(alteration.relation.name)
        alteration.ledger.lock_all(descendants, LockMode.ACCESS_SHARE)
    alteration.ledger.lock(parent, LockMode.SHARE_UPDATE_EXCLUSIVE if joins else LockMode.ACCESS_SHARE)
