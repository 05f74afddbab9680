"""LOCK TABLE, TRUNCATE, VACUUM, ANALYZE and CLUSTER."""

from __future__ import annotations

from lockgate.analysis.locks.ledger import Ledger
from lockgate.analysis.locks.scene import is_stored
from lockgate.analysis.view import Relation
from lockgate.sql.parse import Node
from lockgate.types import LockMode
from lockgate.values import value

_FULL = LockMode.ACCESS_EXCLUSIVE
_PATIENT = LockMode.SHARE_UPDATE_EXCLUSIVE
_OFF = frozenset({"off", "false", "0"})


def lock_table(ledger: Ledger, tree: Node) -> None:
    """LOCK TABLE: the modes have the numbers of the server."""
    mode = LockMode(tree.get("mode", LockMode.ACCESS_EXCLUSIVE))
    for item in tree.get("relations", ()):
        node = item["RangeVar"]
        _lock(ledger, ledger.scene.relation(node), mode, alone=not node.get("inh"))


def _lock(ledger: Ledger, relation: Relation, mode: LockMode, *, alone: bool) -> None:
    queue, seen = [relation], {relation.name}
    while queue:
        found = queue.pop()
        ledger.lock_all(ledger.scene.family(found, alone=alone), mode)
        below = [name for name in found.reads if name not in seen] if found.kind == "view" else []
        seen.update(below)
        queue += map(ledger.scene.known, below)


def truncate(ledger: Ledger, tree: Node) -> None:
    """TRUNCATE: with CASCADE every table that points here is emptied as well."""
    queue = [
        member
        for item in tree.get("relations", ())
        for member in ledger.scene.family(
            ledger.scene.relation(item["RangeVar"]), alone=not item["RangeVar"].get("inh")
        )
    ]
    while queue:
        relation = queue.pop()
        if ledger.is_locked(relation.name):
            continue
        ledger.lock(relation.name, _FULL, rewrite=is_stored(relation))
        if tree.get("behavior") == "DROP_CASCADE":
            for table, _ in ledger.scene.referencing(relation.name):
                queue += ledger.scene.family(ledger.scene.known(table))
    ledger.because("All rows go at once; the table is closed until the transaction ends.")


@value(frozen=True, slots=True)
class _Task:
    """What VACUUM or ANALYZE is asked to do."""

    vacuums: bool
    analyzes: bool
    full: bool


def vacuum(ledger: Ledger, tree: Node) -> None:
    """VACUUM and ANALYZE."""
    vacuums = bool(tree.get("is_vacuumcmd"))
    task = _Task(vacuums, not vacuums or _option(tree, "analyze"), vacuums and _option(tree, "full"))
    ledger.transactional = not vacuums
    ledger.patient = not task.full
    for item in tree.get("rels", ()):
        node = item["VacuumRelation"]["relation"]
        _vacuum(ledger, ledger.scene.relation(node), task, alone=not node.get("inh"))
    if not tree.get("rels"):
        _everything(ledger, task)


def _option(tree: Node, name: str) -> bool:
    for item in tree.get("options", ()):
        option = item["DefElem"]
        if option["defname"] == name:
            value = option.get("arg", {})
            number = value["Integer"].get("ival", 0) if "Integer" in value else "on"
            text = value.get("String", {}).get("sval", number)
            return str(text).lower() not in _OFF
    return False


def _vacuum(ledger: Ledger, relation: Relation, task: _Task, *, alone: bool) -> None:
    if task.full:
        for member in (relation,) if alone else ledger.scene.with_partitions(relation.name):
            _rewrite(ledger, member)
        return
    ledger.lock(relation.name, _PATIENT)
    if relation.kind != "partitioned table":
        if not task.vacuums:
            _sample_children(ledger, relation, alone=alone)
    elif task.analyzes or not alone:
        mode = LockMode.ACCESS_SHARE if alone else _PATIENT
        ledger.lock_all(ledger.scene.partitions(relation), mode)


def _sample_children(ledger: Ledger, relation: Relation, *, alone: bool) -> None:
    """ANALYZE of an inheritance parent samples its children; from 18 on it analyses each of them."""
    mode = _PATIENT if ledger.scene.major >= 18 and not alone else LockMode.ACCESS_SHARE
    ledger.lock_all(ledger.scene.descendants(relation.name), mode)


def _everything(ledger: Ledger, task: _Task) -> None:
    for relation in ledger.scene.state.relations():
        if is_stored(relation) and task.full:
            _rewrite(ledger, relation)
        elif is_stored(relation) or (not task.vacuums and relation.kind == "partitioned table"):
            ledger.lock(relation.name, _PATIENT)


def _rewrite(ledger: Ledger, relation: Relation) -> None:
    stored = is_stored(relation)
    ledger.lock(
        relation.name, _FULL, rewrite=stored, scan=stored, index_build=stored and _has_index(relation)
    )
    ledger.because("Every row is written anew, and every index built, while the table is closed.")


def _has_index(relation: Relation) -> bool:
    return relation.partial or bool(relation.indexes)


def cluster(ledger: Ledger, tree: Node) -> None:
    """CLUSTER: a rewrite in the order of an index; without a table, or for a partitioned one, table by table."""
    if "relation" not in tree:
        ledger.transactional = False
        for table in ledger.scene.state.relations():
            if any(index.clustered for index in table.indexes):
                _rewrite(ledger, table)
        ledger.because("Every table that was clustered before is written anew.")
        return
    relation = ledger.scene.relation(tree["relation"])
    ledger.transactional = relation.kind != "partitioned table"
    for member in ledger.scene.with_partitions(relation.name):
        _rewrite(ledger, member)


HANDLERS = {
    "LockStmt": lock_table,
    "TruncateStmt": truncate,
    "VacuumStmt": vacuum,
    "ClusterStmt": cluster,
}
