"""Dropping a partition locks the whole partitioned table.

## Hazard

`DROP TABLE` of a partition takes ACCESS EXCLUSIVE on its parent: every query of the partitioned table waits for the
drop, and the drop waits for the longest of them.

## When it bites

On a partition that is attached. Detach it concurrently first; then nobody uses it.

## Unsafe

```sql
DROP TABLE events_2024;
```

## Safe

```sql
ALTER TABLE events DETACH PARTITION events_2024 CONCURRENTLY;
DROP TABLE events_2024;
```

## Lock

ACCESS EXCLUSIVE on the parent and the partition. Detaching concurrently takes SHARE UPDATE EXCLUSIVE on the parent;
it cannot run in a transaction, nor while there is a default partition.

## Versions

All; `DETACH … CONCURRENTLY` since 14.

## References

- https://www.postgresql.org/docs/current/ddl-partitioning.html#DDL-PARTITIONING-DECLARATIVE-MAINTENANCE
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import Context, Group, Hazard, Rule
from lockgate.analysis.rules.partition_facts import default_partition, detached
from lockgate.analysis.state import names
from lockgate.sql.parse import Node
from lockgate.types import Severity


def check(drop: Node, context: Context) -> Iterator[Hazard]:
    """DROP TABLE of an attached partition whose parent others use."""
    for item in drop.get("objects", ()):
        partition = context.state.known(context.state.relation_name(*names.object_name(item)))
        if not partition.is_partition or not partition.parents or context.is_unshared(partition.parents[0]):
            continue
        parent = partition.parents[0]
        online = context.major >= 14 and default_partition(context, parent) is None
        yield Hazard(
            f"Dropping the partition {partition.name} stops every query of {parent}.",
            f"ACCESS EXCLUSIVE lock on {parent}, until the end of the transaction.",
            safe=f"{detached(parent, partition.name)}\nDROP TABLE {partition.name.sql};" if online else "",
        )


RULE = Rule(
    id="drop-partition-locks-parent",
    group=Group.PARTITIONS,
    severity=Severity.ERROR,
    on=("DropStmt/OBJECT_TABLE",),
    check=check,
    doc=__doc__,
)
