"""The bound of a partition does not fit the way its parent is partitioned.

## Hazard

`FOR VALUES IN` belongs to list partitioning, `FROM … TO` to ranges, `WITH (MODULUS …)` to hashes, and a hash has no
default partition. The server refuses the statement (SQLSTATE 42P16), and the migration fails.

## When it bites

When the parent is known from the history.

## Unsafe

```sql
CREATE TABLE events_x PARTITION OF events FOR VALUES IN ('2025-01-01');
```

## Safe

```sql
CREATE TABLE events_x PARTITION OF events FOR VALUES FROM ('2025-01-01') TO ('2025-01-02');
```

## Lock

None: the statement fails.

## Versions

All.

## References

- https://www.postgresql.org/docs/current/sql-createtable.html#SQL-CREATETABLE-PARTITION
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import Context, Group, Hazard, Rule
from lockgate.sql.parse import Node
from lockgate.types import Severity

_STRATEGIES = {"r": "range", "l": "list", "h": "hash"}


def check(tree: Node, context: Context) -> Iterator[Hazard]:
    """A bound of another strategy than the parent's."""
    if "def" in tree:
        bound, parent = tree["def"]["PartitionCmd"].get("bound"), context.target
    else:
        bound = tree.get("partbound")
        parent = context.relation(tree["inhRelations"][0]["RangeVar"]) if bound else context.target
    if not bound or parent.partition_key is None:
        return
    strategy = parent.partition_key.strategy
    given = "default" if bound.get("is_default") else _STRATEGIES.get(bound.get("strategy", ""), "")
    if given == strategy or (given == "default" and strategy != "hash"):
        return
    yield Hazard(
        f"{parent.name} is partitioned by {strategy}, but the bound is of kind {given}: the server refuses it.",
        "SQLSTATE 42P16; the migration fails.",
    )


RULE = Rule(
    id="partition-strategy-mismatch",
    group=Group.PARTITIONS,
    severity=Severity.ERROR,
    on=(
        "CreateStmt",
        "AT_AttachPartition",
    ),
    check=check,
    doc=__doc__,
)
