"""An index is built while the transaction still holds a strong lock from an earlier statement.

## Hazard

Locks are kept until the end of the transaction. When an `ALTER TABLE` comes first and an index build follows, the
ACCESS EXCLUSIVE lock of the first, meant for a moment, lasts as long as the build.

## When it bites

In one transaction with an earlier `ALTER TABLE` on any table with traffic, even when the index is on another one.

## Unsafe

```sql
ALTER TABLE orders ADD COLUMN note text;
CREATE INDEX orders_user_id_idx ON orders (user_id);
```

## Safe

```sql
ALTER TABLE orders ADD COLUMN note text;
CREATE INDEX CONCURRENTLY orders_user_id_idx ON orders (user_id);
```

## Lock

The earlier statement's lock (ACCESS EXCLUSIVE on `orders`), for the whole build.

## Versions

All.

## References

- https://www.postgresql.org/docs/current/explicit-locking.html#LOCKING-TABLES
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import Context, Group, Hazard, Rule
from lockgate.analysis.rules.safe import create_index
from lockgate.sql.parse import Node
from lockgate.types import LockMode, Severity


def check(index: Node, context: Context) -> Iterator[Hazard]:
    """A build on a filled table in a transaction that holds a strong lock already."""
    table = context.target
    at_once = context.is_unshared(table.name) and context.state.rows.get(table.name) != "many"
    if index.get("concurrent") or not context.transaction.is_block or at_once:
        return
    held = context.held(LockMode.SHARE_ROW_EXCLUSIVE)
    if not held:
        return
    first = held[0]
    yield Hazard(
        f"{first.relation} stays locked until the index on {table.name} is complete.",
        f"The transaction holds {first.mode.sql_name} on {first.relation} and keeps it during the build.",
        safe="" if table.kind == "partitioned table" else create_index(context, index, concurrent=True),
    )


RULE = Rule(
    id="create-index-in-txn-holding-lock",
    group=Group.INDEXES,
    severity=Severity.WARNING,
    on=("IndexStmt",),
    check=check,
    doc=__doc__,
)
