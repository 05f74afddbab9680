"""A strong lock is waited for without a limit.

## Hazard

A statement that needs a strong lock waits for every transaction that uses the table, and everything that comes later
waits behind it, even though the statement itself would take a millisecond. One forgotten transaction in a console,
and the application stands still. With a lock_timeout the migration gives up, the queue goes on, and it tries again.

## When it bites

On tables in use, when neither the file nor the runner sets lock_timeout; `SET lock_timeout = 0`, a RESET before the
statement, and SET LOCAL outside a transaction set none. `set_config` counts. Lockgate limits every wait and tries
again by itself: there it is a remark for those who select the rule. A transaction is reported once.

## Unsafe

```sql
ALTER TABLE orders ADD COLUMN shop_id bigint;
```

## Safe

```sql
SET lock_timeout = '2s';
ALTER TABLE orders ADD COLUMN shop_id bigint;
```

## Lock

That of the statement: SHARE or stronger on a table in use.

## Versions

All.

## References

- https://www.postgresql.org/docs/current/runtime-config-client.html#GUC-LOCK-TIMEOUT
- https://www.postgresql.org/docs/current/explicit-locking.html
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import ANY_STATEMENT, Context, Group, Hazard, Rule
from lockgate.analysis.rules.guarding import lock_severity, shared_locks, with_lock_timeout
from lockgate.sql.parse import Node
from lockgate.types import LockMode, Severity


def check(tree: Node, context: Context) -> Iterator[Hazard]:
    """The first strong lock of a transaction, without a limit to the waiting."""
    if not context.locks or (severity := lock_severity(context, RULE)) is None:
        return
    locks = shared_locks(context, LockMode.SHARE)
    if not locks or tree.get("nowait") or context.held(LockMode.SHARE):
        return
    lock = max(locks, key=lambda item: item.mode)
    yield Hazard(
        f"Waits for {lock.mode.sql_name} on {lock.relation} without a limit, and {lock.mode.blocks} wait behind it.",
        "One long transaction on the table is enough to stop the application; set lock_timeout and try again.",
        safe=with_lock_timeout(context),
        severity=severity,
    )


RULE = Rule(
    id="missing-lock-timeout",
    group=Group.TRANSACTIONS,
    severity=Severity.WARNING,
    on=(ANY_STATEMENT,),
    check=check,
    doc=__doc__,
)
