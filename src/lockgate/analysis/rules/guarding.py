"""How much a strong but short lock weighs: by who makes sure that nobody has to wait for it for long."""

from __future__ import annotations

from lockgate.analysis.locks import forecast
from lockgate.analysis.rules.base import Context, Rule
from lockgate.analysis.settings import milliseconds
from lockgate.analysis.transactions import has_option
from lockgate.sql.parse import Node, Statement
from lockgate.types import LockMode, RelationLock, Severity


def lock_severity(context: Context, rule: Rule) -> Severity | None:
    """The weight of a lock that is held only for a moment, but may have to be waited for.

    None where a lock_timeout is in force, so that a queue is short. A runner that sets one itself and tries again makes
    it a remark, and only for those who ask for the rule.
    """
    value = context.session.settings.get("lock_timeout")
    if value is not None:
        return None if milliseconds(value) else Severity.WARNING
    if context.session.runner.guards:
        return Severity.INFO if context.is_selected(rule) else None
    return Severity.WARNING


def shared_locks(context: Context, at_least: LockMode) -> list[RelationLock]:
    """The locks of that strength which the statement takes on what others use."""
    strong = [lock for lock in context.locks if lock.mode >= at_least]
    return [lock for lock in strong if not context.is_unshared_text(lock.relation)] if strong else strong


def with_lock_timeout(context: Context) -> str:
    """The statement behind a lock_timeout of two seconds; empty inside a body, where it cannot be put."""
    return "" if context.nested else f"SET lock_timeout = '2s';\n{context.statement.sql};"


def takes_strong_lock(context: Context, statement: Statement) -> bool:
    """Whether a statement of the file, as far as the present schema tells, blocks writers of a table in use."""
    if statement.failure:
        return False
    expected = forecast(statement, context.state, context.major).relations
    return any(
        lock.mode >= LockMode.SHARE and not context.is_unshared_text(lock.relation) for lock in expected
    )


def long_work(kind: str, tree: Node) -> str:
    """What a statement is called that may take hours and lets others go on meanwhile; empty for any other."""
    if kind == "IndexStmt":
        return "CREATE INDEX CONCURRENTLY" if tree.get("concurrent") else ""
    if kind == "ReindexStmt":
        return "REINDEX CONCURRENTLY" if has_option(tree.get("params", []), "concurrently") else ""
    if kind == "RefreshMatViewStmt":
        return "" if tree.get("skipData") else "REFRESH MATERIALIZED VIEW"
    if kind == "AlterDomainStmt":
        return "VALIDATE CONSTRAINT" if tree.get("subtype") == "V" else ""
    if kind == "VacuumStmt":
        return "VACUUM" if tree.get("is_vacuumcmd") else ""
    commands = [item["AlterTableCmd"].get("subtype") for item in tree.get("cmds", ())]
    return "VALIDATE CONSTRAINT" if "AT_ValidateConstraint" in commands else ""
