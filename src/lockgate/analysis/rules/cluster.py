"""CLUSTER writes the table anew while nobody can use it.

## Hazard

The table is copied in the order of an index, and all its indexes are built again, under ACCESS EXCLUSIVE. The order
is lost again with every write.

## When it bites

On a table with traffic. `pg_repack` orders a table online.

## Unsafe

```sql
CLUSTER orders USING orders_pkey;
```

## Safe

```sql
ALTER TABLE orders CLUSTER ON orders_pkey;
```

## Lock

ACCESS EXCLUSIVE until the table and its indexes are written anew.

## Versions

All.

## References

- https://www.postgresql.org/docs/current/sql-cluster.html
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import Context, Group, Hazard, Rule
from lockgate.sql.parse import Node
from lockgate.types import Severity


def check(cluster: Node, context: Context) -> Iterator[Hazard]:
    """CLUSTER of anything that others use."""
    if "relation" in cluster and context.is_unshared(context.target.name):
        return
    what = str(context.target.name) if "relation" in cluster else "every clustered table"
    yield Hazard(
        f"Writes {what} anew while nobody can read or write.",
        "ACCESS EXCLUSIVE lock until the table and its indexes are copied; pg_repack does it online.",
    )


RULE = Rule(
    id="cluster",
    group=Group.TABLES,
    severity=Severity.ERROR,
    on=("ClusterStmt",),
    check=check,
    doc=__doc__,
)
