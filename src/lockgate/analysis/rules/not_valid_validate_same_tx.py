"""A constraint is validated in the transaction that still holds a strong lock on the table.

## Hazard

`NOT VALID` and `VALIDATE` are apart so that the strong lock of the first is gone before the scan of the second. In
one transaction it is not: locks last until the end, and the scan runs under ACCESS EXCLUSIVE (or SHARE ROW EXCLUSIVE
for a foreign key) after all.

## When it bites

In one transaction, whether the file or the runner opened it.

## Unsafe

```sql
ALTER TABLE orders ADD CONSTRAINT orders_total_positive CHECK (total >= 0) NOT VALID;
ALTER TABLE orders VALIDATE CONSTRAINT orders_total_positive;
```

## Safe

```sql
-- lockgate: no-transaction
ALTER TABLE orders ADD CONSTRAINT orders_total_positive CHECK (total >= 0) NOT VALID;
ALTER TABLE orders VALIDATE CONSTRAINT orders_total_positive;
```

## Lock

The lock of the first statement, for the scan of the second.

## Versions

All.

## References

- https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-NOTES
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import Context, Group, Hazard, Rule
from lockgate.analysis.rules.safe import one_by_one
from lockgate.analysis.state import names
from lockgate.sql.parse import Node
from lockgate.types import LockMode, Severity


def check(tree: Node, context: Context) -> Iterator[Hazard]:
    """VALIDATE in a transaction that added the constraint, or that locked the table strongly before."""
    if "typeName" in tree:
        yield from _domain(tree, context)
        return
    table, name = context.target.name, tree.get("name", "")
    if context.is_unshared(table):
        return
    if context.same_transaction("constraint", table, name) or _adds(context.tree, name):
        yield _hazard(
            context, f"{table} stays locked while all its rows are tested for {name}.", _first(context, name)
        )
        return
    held = next(
        (lock for lock in context.held(LockMode.SHARE_ROW_EXCLUSIVE) if lock.relation == str(table)), None
    )
    if held is not None:
        what = f"{table} stays locked ({held.mode.sql_name}) while all its rows are tested for {name}."
        yield _hazard(context, what, context.source.script.statements[held.statement].sql)


def _domain(tree: Node, context: Context) -> Iterator[Hazard]:
    domain = context.state.domain(*names.dotted(tree["typeName"]))
    name = tree.get("name", "")
    if (
        tree.get("subtype") == "V"
        and domain
        and context.same_transaction("domain constraint", domain.name, name)
    ):
        birth = context.state.birth("domain constraint", domain.name, name)
        first = context.source.script.statements[birth.statement].sql if birth else ""
        yield _hazard(context, f"The domain {domain.name} stays locked while its tables are tested.", first)


def _hazard(context: Context, message: str, first: str) -> Hazard:
    apart = first != context.statement.sql and not context.nested
    return Hazard(
        message,
        "Locks are kept until the end of the transaction: commit between NOT VALID and VALIDATE.",
        safe=one_by_one(context, first, context.statement.sql) if apart else "",
    )


def _first(context: Context, name: str) -> str:
    birth = context.state.birth("constraint", context.target.name, name)
    return context.source.script.statements[birth.statement].sql if birth else context.statement.sql


def _adds(statement: Node, name: str) -> bool:
    """Whether the same ALTER TABLE adds the constraint that it validates."""
    commands = [item["AlterTableCmd"] for item in statement.get("cmds", ())]
    return any(
        command.get("subtype") == "AT_AddConstraint" and command["def"]["Constraint"].get("conname") == name
        for command in commands
    )


RULE = Rule(
    id="not-valid-validate-same-tx",
    group=Group.CONSTRAINTS,
    severity=Severity.ERROR,
    on=(
        "AT_ValidateConstraint",
        "AlterDomainStmt",
    ),
    check=check,
    doc=__doc__,
)
