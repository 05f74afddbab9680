"""CREATE INDEX and REINDEX, with and without CONCURRENTLY."""

from __future__ import annotations

from collections.abc import Iterable

from lockgate.analysis.locks.ledger import Ledger
from lockgate.analysis.locks.scene import is_stored
from lockgate.analysis.locks.shapes import matching_index
from lockgate.analysis.state import names
from lockgate.analysis.state.indexes import index_key
from lockgate.analysis.view import Index, Relation
from lockgate.sql.identifiers import QualifiedName
from lockgate.sql.parse import Node
from lockgate.types import LockMode

_PATIENT = LockMode.SHARE_UPDATE_EXCLUSIVE
_PLANNING = "No query on the table can be planned while one of its indexes is built anew."


def create_index(ledger: Ledger, tree: Node) -> None:
    """CREATE INDEX: writers wait for the build; CONCURRENTLY lets them go on and cannot be in a transaction."""
    relation = ledger.scene.relation(tree["relation"])
    concurrent = bool(tree.get("concurrent"))
    mode = _PATIENT if concurrent else LockMode.SHARE
    if concurrent:
        ledger.transactional, ledger.patient = False, True
    if _is_there(ledger, tree):
        ledger.lock(relation.name, mode)
        ledger.because("An index of that name is there already: only the lock is left.")
        return
    if "idxname" in tree:
        ledger.create(QualifiedName(relation.name.schema, tree["idxname"]))
    _build(ledger, relation, read_index(relation, tree), mode, alone=not tree["relation"].get("inh"))
    ledger.because("Every row is read to build the index" + ("." if concurrent else " while writers wait."))


def _is_there(ledger: Ledger, tree: Node) -> bool:
    schema = tree["relation"].get("schemaname", "")
    return bool(tree.get("if_not_exists")) and ledger.scene.exists(schema, tree.get("idxname", ""))


def read_index(relation: Relation, tree: Node) -> Index:
    """The index that a CREATE INDEX describes."""
    return Index(
        QualifiedName(relation.name.schema, tree.get("idxname", "")),
        relation.name,
        tuple(index_key(item["IndexElem"]) for item in tree.get("indexParams", ())),
        include=tuple(item["IndexElem"].get("name", "") for item in tree.get("indexIncludingParams", ())),
        unique=bool(tree.get("unique")),
        method=tree.get("accessMethod", "btree"),
        predicate=tree.get("whereClause"),
    )


def _build(ledger: Ledger, relation: Relation, index: Index, mode: LockMode, *, alone: bool) -> None:
    if relation.kind != "partitioned table":
        ledger.lock(relation.name, mode, scan=True, index_build=True)
        return
    ledger.lock(relation.name, mode)
    for partition in ledger.scene.partitions(relation) if not alone else ():
        builds = is_stored(partition) and matching_index(partition, index) is None
        ledger.lock(partition.name, mode, scan=builds, index_build=builds)


def reindex(ledger: Ledger, tree: Node) -> None:
    """REINDEX: writers wait, and so does every query that is to be planned; CONCURRENTLY nobody does."""
    concurrent = _says(tree, "concurrently")
    if concurrent:
        ledger.transactional, ledger.patient = False, True
    kind = tree["kind"]
    if kind == "REINDEX_OBJECT_INDEX":
        _reindex_index(ledger, tree, concurrent=concurrent)
    elif kind == "REINDEX_OBJECT_TABLE":
        relation = ledger.scene.relation(tree["relation"])
        ledger.transactional = ledger.transactional and relation.kind != "partitioned table"
        _reindex_tables(ledger, ledger.scene.with_partitions(relation.name), concurrent=concurrent)
    else:
        ledger.transactional = False
        if kind != "REINDEX_OBJECT_SYSTEM":
            schema = tree.get("name") if kind == "REINDEX_OBJECT_SCHEMA" else None
            _reindex_tables(ledger, _stored_in(ledger, schema), concurrent=concurrent)


def _says(tree: Node, option: str) -> bool:
    return any(item["DefElem"].get("defname") == option for item in tree.get("params", ()))


def _stored_in(ledger: Ledger, schema: str | None) -> list[Relation]:
    relations = ledger.scene.state.relations()
    return [r for r in relations if is_stored(r) and schema in (None, r.name.schema)]


def _reindex_index(ledger: Ledger, tree: Node, *, concurrent: bool) -> None:
    schema, name = names.range_var(tree["relation"])
    index = ledger.scene.index(schema, name)
    if index is None:
        mode = _PATIENT if concurrent else LockMode.ACCESS_EXCLUSIVE
        ledger.attach(ledger.scene.new_name(schema, name), None, mode, rewrite=True)
        ledger.because("Its table, which is not known here, is closed for writers.")
        return
    table = ledger.scene.known(index.table)
    if index.partitioned:
        ledger.transactional = False
        ledger.lock(table.name, _PATIENT if concurrent else LockMode.SHARE)
    for part in [table] if not index.partitioned else ledger.scene.partitions(table):
        indexes = [i for i in part.indexes if _belongs(ledger, i, index.name)]
        _reindex_one(ledger, part, indexes, concurrent=concurrent)


def _belongs(ledger: Ledger, index: Index, wanted: QualifiedName) -> bool:
    """Whether an index is the wanted one, or attached to it, however deep."""
    if index.name == wanted:
        return True
    if index.parent is None:
        return False
    parent = ledger.scene.index(index.parent.schema, index.parent.name)
    return index.parent == wanted or (parent is not None and _belongs(ledger, parent, wanted))


def _reindex_tables(ledger: Ledger, relations: Iterable[Relation], *, concurrent: bool) -> None:
    for relation in relations:
        _reindex_one(ledger, relation, relation.indexes, concurrent=concurrent)


def _reindex_one(ledger: Ledger, relation: Relation, indexes: Iterable[Index], *, concurrent: bool) -> None:
    present = [index for index in indexes if not index.partitioned]
    builds = (bool(present) or relation.partial) and is_stored(relation)
    mode = _PATIENT if concurrent else LockMode.SHARE
    ledger.lock(relation.name, mode, scan=builds, index_build=builds)
    for index in present:
        ledger.attach_index(
            index, _PATIENT if concurrent else LockMode.ACCESS_EXCLUSIVE, rewrite=not concurrent
        )
    if builds and not concurrent:
        ledger.because(_PLANNING)


HANDLERS = {"IndexStmt": create_index, "ReindexStmt": reindex}
