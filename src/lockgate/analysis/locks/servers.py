"""Statements about databases, tablespaces, subscriptions and the session: what a transaction block refuses."""

from __future__ import annotations

from lockgate.analysis.locks.ledger import Ledger
from lockgate.sql.parse import Node

_NO = frozenset({"false", "off", "0", "none"})


def outside(ledger: Ledger, tree: Node) -> None:
    """A statement that never runs in a transaction block."""
    ledger.transactional = False


def alter_database(ledger: Ledger, tree: Node) -> None:
    """ALTER DATABASE: only SET TABLESPACE moves files."""
    ledger.transactional = not any(
        item["DefElem"]["defname"] == "tablespace" for item in tree.get("options", ())
    )


def create_subscription(ledger: Ledger, tree: Node) -> None:
    """CREATE SUBSCRIPTION: only one that makes a slot at the other end is refused."""
    options = _options(tree)
    makes_slot = options.get("create_slot", options.get("connect", "true")) not in _NO
    ledger.transactional = not makes_slot or options.get("slot_name") == "none"


def alter_subscription(ledger: Ledger, tree: Node) -> None:
    """ALTER SUBSCRIPTION: refreshing the tables, or changing the slot, is refused."""
    kind, options = tree.get("kind", ""), _options(tree)
    if kind == "ALTER_SUBSCRIPTION_REFRESH" or kind.endswith("REFRESH_PUBLICATION"):
        ledger.transactional = False
    elif kind.endswith("_PUBLICATION"):
        ledger.transactional = options.get("refresh", "true") in _NO
    elif kind == "ALTER_SUBSCRIPTION_OPTIONS":
        ledger.transactional = not {"failover", "two_phase"} & set(options)


def _options(tree: Node) -> dict[str, str]:
    found = {}
    for item in tree.get("options", ()):
        option = item["DefElem"]
        arg = option.get("arg", {})
        text = arg.get("String", {}).get("sval", arg.get("Boolean", {}).get("boolval", "true"))
        found[option["defname"]] = str(text).lower()
    return found


def transaction(ledger: Ledger, tree: Node) -> None:
    """COMMIT PREPARED and ROLLBACK PREPARED end somebody else's transaction."""
    ledger.transactional = tree.get("kind") not in (
        "TRANS_STMT_COMMIT_PREPARED",
        "TRANS_STMT_ROLLBACK_PREPARED",
    )


def discard(ledger: Ledger, tree: Node) -> None:
    """DISCARD ALL also drops what transactions hold."""
    ledger.transactional = tree.get("target") != "DISCARD_ALL"


def alter_enum(ledger: Ledger, tree: Node) -> None:
    """ALTER TYPE … ADD VALUE: no table is locked, but the value cannot be used before the commit."""
    if "newVal" in tree and "oldVal" not in tree:
        ledger.because("The new value cannot be used before the transaction is committed.")


def alter_extension(ledger: Ledger, tree: Node) -> None:
    """ALTER EXTENSION … UPDATE runs the scripts of the extension."""
    ledger.opaque = True
    ledger.because("The update scripts of the extension decide what is locked.")


HANDLERS = {
    "CreatedbStmt": outside,
    "DropdbStmt": outside,
    "CreateTableSpaceStmt": outside,
    "DropTableSpaceStmt": outside,
    "AlterSystemStmt": outside,
    "AlterDatabaseStmt": alter_database,
    "CreateSubscriptionStmt": create_subscription,
    "AlterSubscriptionStmt": alter_subscription,
    "DropSubscriptionStmt": outside,
    "TransactionStmt": transaction,
    "DiscardStmt": discard,
    "AlterEnumStmt": alter_enum,
    "AlterExtensionStmt": alter_extension,
}
