"""Domains and sequences: objects that tables depend on."""

from __future__ import annotations

from lockgate.analysis.locks.ledger import Ledger
from lockgate.analysis.locks.scene import is_stored
from lockgate.analysis.state import names
from lockgate.sql.parse import Node
from lockgate.types import LockMode

_ADDS = "C"
_VALIDATES = "V"
_SETS_NOT_NULL = "O"


def alter_domain(ledger: Ledger, tree: Node) -> None:
    """ALTER DOMAIN: a new rule is proved against every table that uses the domain, while its writers wait."""
    action = tree.get("subtype")
    waits = tree.get("def", {}).get("Constraint", {}).get("skip_validation")
    if action not in (_VALIDATES, _SETS_NOT_NULL) and (action != _ADDS or waits):
        return
    schema, name = names.dotted(tree["typeName"])
    domain = ledger.scene.state.domain(schema, name)
    if domain is None:
        ledger.because(
            "The domain is not known here: every table that uses it is read while its writers wait."
        )
        return
    for table, column in ledger.scene.state.type_users(domain.name):
        relation = ledger.scene.known(table)
        found = relation.column(column)
        if is_stored(relation) and found is not None and not found.type.array:
            ledger.lock(table, LockMode.SHARE, scan=True)
            ledger.because("Every table that uses the domain is read while its writers wait.")


def create_sequence(ledger: Ledger, tree: Node) -> None:
    """CREATE SEQUENCE, owned by a column or not."""
    ledger.create(ledger.scene.new_name(*names.range_var(tree["sequence"])))
    _owned_by(ledger, tree)


def alter_sequence(ledger: Ledger, tree: Node) -> None:
    """ALTER SEQUENCE: whoever draws a number waits."""
    relation = ledger.scene.relation(tree["sequence"])
    options = {item["DefElem"]["defname"] for item in tree.get("options", ())}
    if relation.partial:
        ledger.lock(relation.name, LockMode.SHARE_ROW_EXCLUSIVE, rewrite=options != {"owned_by"})
    else:
        ledger.lock_sequence(relation, LockMode.SHARE_ROW_EXCLUSIVE, rewrite=options != {"owned_by"})
    _owned_by(ledger, tree)


def _owned_by(ledger: Ledger, tree: Node) -> None:
    for item in tree.get("options", ()):
        element = item["DefElem"]
        parts = element.get("arg", {}).get("List", {}).get("items", [])
        if element["defname"] == "owned_by" and len(parts) > 1:
            ledger.lock(ledger.scene.name(*names.dotted(parts[:-1])), LockMode.ACCESS_SHARE)


HANDLERS = {
    "AlterDomainStmt": alter_domain,
    "CreateSeqStmt": create_sequence,
    "AlterSeqStmt": alter_sequence,
}
