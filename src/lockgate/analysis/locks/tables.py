"""CREATE TABLE and its like: a new table may close others that live traffic uses."""

from __future__ import annotations

from lockgate.analysis.locks.alter.partitions import close_default
from lockgate.analysis.locks.data import reader
from lockgate.analysis.locks.ledger import Ledger
from lockgate.analysis.locks.queries import Depth
from lockgate.analysis.state import names
from lockgate.sql.identifiers import QualifiedName
from lockgate.sql.parse import Node
from lockgate.types import LockMode

_LINK = LockMode.SHARE_ROW_EXCLUSIVE


def create_table(ledger: Ledger, tree: Node) -> None:
    """CREATE TABLE, also as a partition, a child, a copy of a definition, or with foreign keys."""
    name = _new(ledger, tree["relation"])
    if tree.get("if_not_exists") and ledger.scene.exists(name.schema, name.name):
        ledger.because("A relation of that name is there already: nothing happens.")
        return
    ledger.create(name)
    if "partbound" in tree:
        _create_partition(ledger, tree)
    else:
        for parent in tree.get("inhRelations", ()):
            ledger.lock(ledger.scene.range_var(parent["RangeVar"]), LockMode.SHARE_UPDATE_EXCLUSIVE)
    for element in tree.get("tableElts", ()):
        _element(ledger, element)


def _new(ledger: Ledger, relation: Node) -> QualifiedName:
    schema, name = names.range_var(relation)
    return ledger.scene.new_name("pg_temp" if relation.get("relpersistence") == "t" else schema, name)


def _element(ledger: Ledger, element: Node) -> None:
    if "TableLikeClause" in element:
        ledger.lock(ledger.scene.range_var(element["TableLikeClause"]["relation"]), LockMode.ACCESS_SHARE)
    constraints = element.get("ColumnDef", {}).get("constraints", ())
    for item in [*constraints, element]:
        constraint = item.get("Constraint", {})
        if "pktable" in constraint:
            _link(ledger, ledger.scene.range_var(constraint["pktable"]))


def _link(ledger: Ledger, target: QualifiedName) -> None:
    ledger.lock_all(ledger.scene.with_partitions(target), _LINK)
    ledger.because(f"The foreign key makes writers of {target} wait until the transaction ends.")


def _create_partition(ledger: Ledger, tree: Node) -> None:
    scene = ledger.scene
    parent = scene.relation(tree["inhRelations"][0]["RangeVar"])
    ledger.lock(parent.name, LockMode.ACCESS_EXCLUSIVE)
    ledger.because(f"{parent.name} is closed; ATTACH PARTITION would leave it open.")
    close_default(ledger, parent, tree["partbound"])
    for _, target in scene.foreign_keys(parent):
        _link(ledger, target)
    for table, _ in scene.referencing(parent.name):
        ledger.lock_all(scene.with_partitions(table), _LINK)


def create_foreign_table(ledger: Ledger, tree: Node) -> None:
    """CREATE FOREIGN TABLE."""
    create_table(ledger, tree["base"])


def create_table_as(ledger: Ledger, tree: Node) -> None:
    """CREATE TABLE AS, CREATE MATERIALIZED VIEW and EXECUTE into a table: the sources are only read."""
    into = tree["into"]
    name = _new(ledger, into["rel"])
    matview = tree.get("objtype") == "OBJECT_MATVIEW"
    present = bool(tree.get("if_not_exists")) and ledger.scene.exists(name.schema, name.name)
    if not present:
        ledger.create(name)
    if present and not matview:
        return
    depth = Depth.ANALYSED if into.get("skipData") or present else Depth.EXECUTED
    ((kind, inside),) = tree["query"].items()
    reader(ledger, depth).statement(kind, inside)


def create_schema(ledger: Ledger, tree: Node) -> None:
    """CREATE SCHEMA with the objects that are made in it."""
    for element in tree.get("schemaElts", ()):
        ((kind, inside),) = element.items()
        ledger.follow(kind, _put_into(tree.get("schemaname", ""), inside))


def _put_into(schema: str, tree: Node) -> Node:
    for key in ("relation", "view", "sequence"):
        if key in tree and "schemaname" not in tree[key]:
            return {**tree, key: {**tree[key], "schemaname": schema}}
    return tree


HANDLERS = {
    "CreateStmt": create_table,
    "CreateForeignTableStmt": create_foreign_table,
    "CreateTableAsStmt": create_table_as,
    "CreateSchemaStmt": create_schema,
}
