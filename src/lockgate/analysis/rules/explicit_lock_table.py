"""A table is locked by hand.

## Hazard

`LOCK TABLE` waits for everybody who uses the table, everybody waits behind it, and it stays until the end of the
transaction.

## When it bites

When the mode is SHARE or stronger (without one it is ACCESS EXCLUSIVE) and the table is in use. With `NOWAIT` it does
not wait, so that no queue forms; it, weaker modes, and tables of this migration are not reported.

## Unsafe

```sql
LOCK TABLE orders IN SHARE MODE;
```

## Safe

```sql
LOCK TABLE orders IN SHARE MODE NOWAIT;
```

## Lock

The named mode until the end of the transaction.

## Versions

All.

## References

- https://www.postgresql.org/docs/current/sql-lock.html
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import Context, Group, Hazard, Rule
from lockgate.sql.parse import Node
from lockgate.types import LockMode, Severity


def check(tree: Node, context: Context) -> Iterator[Hazard]:
    """LOCK TABLE in a mode that stops writers."""
    mode = LockMode(tree.get("mode", LockMode.ACCESS_EXCLUSIVE))
    tables = [context.name(item["RangeVar"]) for item in tree.get("relations", ())]
    shared = [str(name) for name in tables if not context.is_unshared(name)]
    if tree.get("nowait") or mode < LockMode.SHARE or not shared:
        return
    yield Hazard(
        f"{', '.join(shared)} is locked by hand: {mode.blocks} wait until the transaction ends.",
        f"{mode.sql_name} lock; behind one long transaction it waits, and everybody behind it.",
        safe="" if context.nested else f"{context.statement.sql} NOWAIT;",
        severity=Severity.WARNING if mode < LockMode.EXCLUSIVE else None,
    )


RULE = Rule(
    id="explicit-lock-table",
    group=Group.TRANSACTIONS,
    severity=Severity.ERROR,
    on=("LockStmt",),
    called=True,
    check=check,
    doc=__doc__,
)
