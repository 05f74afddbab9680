"""A transaction with strong locks may stay open when nobody goes on with it.

## Hazard

When the runner hangs, or its network breaks, between two statements of a transaction, the locks stay until the server
notices the lost connection, which may take hours.

## When it bites

When neither the file nor the runner sets idle_in_transaction_session_timeout in a transaction that takes a strong
lock on a table in use. A statement that is its own transaction cannot be idle in it.

## Unsafe

```sql
BEGIN;
ALTER TABLE orders ADD COLUMN shop_id bigint;
COMMIT;
```

## Safe

```sql
SET idle_in_transaction_session_timeout = '10s';
BEGIN;
ALTER TABLE orders ADD COLUMN shop_id bigint;
COMMIT;
```

## Lock

That of the statement: SHARE or stronger on a table in use.

## Versions

All.

## References

- https://www.postgresql.org/docs/current/runtime-config-client.html#GUC-IDLE-IN-TRANSACTION-SESSION-TIMEOUT
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import ANY_STATEMENT, Context, Group, Hazard, Rule
from lockgate.analysis.rules.guarding import shared_locks
from lockgate.analysis.settings import milliseconds
from lockgate.sql.parse import Node
from lockgate.types import LockMode, Severity


def check(tree: Node, context: Context) -> Iterator[Hazard]:
    """The first strong lock of a transaction block that may stay idle for ever."""
    if context.transaction.block != "explicit" or context.held(LockMode.SHARE):
        return
    locks = shared_locks(context, LockMode.SHARE)
    if not locks or milliseconds(context.session.settings.get(_NAME) or "0"):
        return
    lock = max(locks, key=lambda item: item.mode)
    yield Hazard(
        f"{lock.relation} stays locked when the transaction is left open.",
        f"{lock.mode.blocks.capitalize()} wait until the server notices that nobody goes on; set {_NAME}.",
        safe=""
        if context.nested or context.transaction.by_file
        else f"SET {_NAME} = '10s';\n{context.statement.sql};",
    )


_NAME = "idle_in_transaction_session_timeout"


RULE = Rule(
    id="missing-idle-in-transaction-timeout",
    group=Group.TRANSACTIONS,
    severity=Severity.INFO,
    on=(ANY_STATEMENT,),
    opt_in=True,
    check=check,
    doc=__doc__,
)
