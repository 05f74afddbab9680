"""Statements that only note something about a relation: comments, grants, publications, statistics."""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.locks.ledger import Ledger
from lockgate.analysis.state import names
from lockgate.sql.identifiers import QualifiedName
from lockgate.sql.parse import Node
from lockgate.types import LockMode

_PATIENT = LockMode.SHARE_UPDATE_EXCLUSIVE
_RELATIONS = frozenset(
    {"OBJECT_TABLE", "OBJECT_VIEW", "OBJECT_MATVIEW", "OBJECT_FOREIGN_TABLE", "OBJECT_SEQUENCE"}
)
_PARTS = frozenset({"OBJECT_TABCONSTRAINT", "OBJECT_TRIGGER", "OBJECT_POLICY", "OBJECT_RULE"})


def comment(ledger: Ledger, tree: Node) -> None:
    """COMMENT ON and SECURITY LABEL."""
    kind, item = tree["objtype"], tree["object"]
    if kind in _RELATIONS:
        _note(ledger, ledger.scene.name(*names.object_name(item)))
    elif kind == "OBJECT_COLUMN":
        _note(ledger, ledger.scene.name(*names.dotted(item["List"]["items"][:-1])))
    elif kind == "OBJECT_INDEX":
        schema, name = names.object_name(item)
        index = ledger.scene.index(schema, name)
        owner = index.table if index else None
        ledger.attach(index.name if index else ledger.scene.new_name(schema, name), owner, _PATIENT)
    elif kind in _PARTS:
        schema, table, _ = names.table_and_object(item)
        ledger.lock(ledger.scene.name(schema, table), LockMode.ACCESS_SHARE)


def _note(ledger: Ledger, name: QualifiedName) -> None:
    relation = ledger.scene.known(name)
    if relation.kind == "sequence":
        ledger.lock_sequence(relation, _PATIENT)
    elif relation.kind != "composite type":
        ledger.lock(name, _PATIENT)


def grant(ledger: Ledger, tree: Node) -> None:
    """GRANT and REVOKE: from 18 on the tables are opened."""
    if tree.get("targtype") != "ACL_TARGET_OBJECT" or tree.get("objtype") != "OBJECT_TABLE":
        return
    for item in tree.get("objects", ()):
        relation = ledger.scene.known(ledger.scene.name(*names.object_name(item)))
        if ledger.scene.major >= 18 and relation.kind != "sequence":
            ledger.lock(relation.name, LockMode.ACCESS_SHARE)


def publication(ledger: Ledger, tree: Node) -> None:
    """CREATE and ALTER PUBLICATION: the tables that come and go stay open for reads and writes."""
    if tree.get("action") == "AP_SetObjects":
        known = ledger.scene.state.publication(tree["pubname"])
        for name in known.tables if known else ():
            ledger.lock(name, _PATIENT)
    for name, alone in _tables(ledger, tree):
        ledger.lock(name, _PATIENT)
        relation = ledger.scene.known(name)
        if not alone and relation.kind != "partitioned table":
            ledger.lock_all(ledger.scene.descendants(name), _PATIENT)


def _tables(ledger: Ledger, tree: Node) -> Iterator[tuple[QualifiedName, bool]]:
    for item in tree.get("pubobjects", ()):
        entry = item["PublicationObjSpec"]
        if "pubtable" in entry:
            node = entry["pubtable"]["relation"]
            yield ledger.scene.range_var(node), not node.get("inh")


def extension_contents(ledger: Ledger, tree: Node) -> None:
    """ALTER EXTENSION … ADD or DROP of an object."""
    if tree.get("objtype") in _RELATIONS:
        _note(ledger, ledger.scene.name(*names.object_name(tree["object"])))


def create_statistics(ledger: Ledger, tree: Node) -> None:
    """CREATE STATISTICS; the server takes nothing but one table, though its grammar takes more."""
    for item in tree.get("relations", ()):
        if "RangeVar" in item:
            ledger.lock(ledger.scene.range_var(item["RangeVar"]), _PATIENT)


HANDLERS = {
    "CommentStmt": comment,
    "SecLabelStmt": comment,
    "GrantStmt": grant,
    "CreatePublicationStmt": publication,
    "AlterPublicationStmt": publication,
    "CreateStatsStmt": create_statistics,
    "AlterExtensionContentsStmt": extension_contents,
}
