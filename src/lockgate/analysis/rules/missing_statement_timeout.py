"""A statement that stops others may run without a limit.

## Hazard

Without statement_timeout a statement that turns out to be slow holds its lock until somebody notices.

## When it bites

When neither the file nor the runner sets it before a statement with a strong lock on a table in use. What runs long
under a weak lock (`CREATE INDEX CONCURRENTLY`, `VALIDATE`) must not have a short one, and is not reported. A
transaction is reported once.

## Unsafe

```sql
ALTER TABLE orders ADD COLUMN shop_id bigint;
```

## Safe

```sql
SET statement_timeout = '1min';
ALTER TABLE orders ADD COLUMN shop_id bigint;
```

## Lock

That of the statement: SHARE or stronger on a table in use.

## Versions

All.

## References

- https://www.postgresql.org/docs/current/runtime-config-client.html#GUC-STATEMENT-TIMEOUT
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import ANY_STATEMENT, Context, Group, Hazard, Rule
from lockgate.analysis.rules.guarding import shared_locks
from lockgate.analysis.settings import milliseconds
from lockgate.sql.parse import Node
from lockgate.types import LockMode, Severity


def check(tree: Node, context: Context) -> Iterator[Hazard]:
    """The first strong lock of a transaction, without a limit to its statement."""
    locks = shared_locks(context, LockMode.SHARE)
    if not locks or context.held(LockMode.SHARE):
        return
    if milliseconds(context.session.settings.get("statement_timeout") or "0"):
        return
    lock = max(locks, key=lambda item: item.mode)
    yield Hazard(
        f"Nothing ends the statement when it is slow, and {lock.mode.blocks} on {lock.relation} wait for it.",
        "Set statement_timeout to the longest that the application can bear.",
        safe="" if context.nested else f"SET statement_timeout = '1min';\n{context.statement.sql};",
    )


RULE = Rule(
    id="missing-statement-timeout",
    group=Group.TRANSACTIONS,
    severity=Severity.INFO,
    on=(ANY_STATEMENT,),
    opt_in=True,
    check=check,
    doc=__doc__,
)
