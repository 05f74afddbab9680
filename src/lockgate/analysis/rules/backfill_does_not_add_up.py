"""Chunks of this statement would not give what the whole would.

## Hazard

`-- lockgate: backfill` runs a statement again and again, each time for some rows only. Where a row's result depends on
other rows of the table, or on how many rows there are, each chunk computes something else than the whole would.
Lockgate refuses such a statement before it changes anything, so that the deploy stops there.

## When it bites

With `RETURNING`, `GROUP BY`, `DISTINCT`, `LIMIT`, aggregates and window functions, a `WITH` that changes rows too, a
sub-select over the columns that are set or the rows that are deleted, and an `INSERT` that walks no table. Only where
Lockgate runs the files.

## Unsafe

```sql
-- lockgate: backfill
UPDATE orders SET share = total / (SELECT sum(total) FROM orders);
```

## Safe

```sql
CREATE TABLE sums AS SELECT sum(total) AS total FROM orders;
-- lockgate: backfill
UPDATE orders SET share = orders.total / sums.total FROM sums;
```

## Lock

None: it is refused.

## Versions

All.

## References

- https://www.postgresql.org/docs/current/sql-update.html
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.chunking import reason_against_chunks
from lockgate.analysis.rules.base import Context, Group, Hazard, Rule
from lockgate.analysis.rules.data_facts import is_backfilled
from lockgate.sql.parse import Node
from lockgate.types import Severity


def check(_: Node, context: Context) -> Iterator[Hazard]:
    """A backfill that is refused when it is run."""
    if not is_backfilled(context):
        return
    reason = reason_against_chunks(context.statement, context.state)
    if reason is not None:
        yield Hazard(
            f"Lockgate refuses to run this in chunks: {reason}.",
            "Run it whole, without the directive, or write it so that each row stands for itself.",
        )


RULE = Rule(
    id="backfill-does-not-add-up",
    group=Group.DATA,
    severity=Severity.ERROR,
    on=("UpdateStmt", "DeleteStmt", "InsertStmt"),
    check=check,
    doc=__doc__,
)
