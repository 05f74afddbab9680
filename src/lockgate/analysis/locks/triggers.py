"""CREATE TRIGGER and row security policies."""

from __future__ import annotations

from lockgate.analysis.locks.data import reader
from lockgate.analysis.locks.ledger import Ledger
from lockgate.analysis.locks.queries import Depth
from lockgate.sql.parse import Node
from lockgate.types import LockMode


def create_trigger(ledger: Ledger, tree: Node) -> None:
    """CREATE [OR REPLACE] TRIGGER: writers wait, in every partition for a row trigger."""
    relation = ledger.scene.relation(tree["relation"])
    ledger.lock(relation.name, LockMode.SHARE_ROW_EXCLUSIVE)
    if tree.get("row"):
        ledger.lock_all(ledger.scene.partitions(relation), LockMode.SHARE_ROW_EXCLUSIVE)
    if "constrrel" in tree:
        ledger.lock(ledger.scene.range_var(tree["constrrel"]), LockMode.ACCESS_SHARE)


def policy(ledger: Ledger, tree: Node) -> None:
    """CREATE and ALTER POLICY: the table is closed, what the policy asks is only read."""
    ledger.lock(ledger.scene.range_var(tree["table"]), LockMode.ACCESS_EXCLUSIVE)
    expressions = [tree.get("qual"), tree.get("with_check")]
    reader(ledger, Depth.ANALYSED).expression(expressions, frozenset())


HANDLERS = {"CreateTrigStmt": create_trigger, "CreatePolicyStmt": policy, "AlterPolicyStmt": policy}
