"""Detaching a partition locks the whole partitioned table.

## Hazard

`DETACH PARTITION` takes ACCESS EXCLUSIVE on the parent: every query of the partitioned table waits for it, and it
waits for the longest of them.

## When it bites

On a parent that is in use. `CONCURRENTLY` is not possible while there is a default partition.

## Unsafe

```sql
ALTER TABLE events DETACH PARTITION events_2024;
```

## Safe

```sql
ALTER TABLE events DETACH PARTITION events_2024 CONCURRENTLY;
```

## Lock

ACCESS EXCLUSIVE on the parent and the partition; with `CONCURRENTLY` SHARE UPDATE EXCLUSIVE on the parent. It cannot
run in a transaction; an interrupted one is completed with `FINALIZE`.

## Versions

14 and later.

## References

- https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-DETACH-PARTITION
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import Context, Group, Hazard, Rule
from lockgate.analysis.rules.partition_facts import default_partition, detached
from lockgate.sql.parse import Node
from lockgate.types import Severity


def check(command: Node, context: Context) -> Iterator[Hazard]:
    """DETACH PARTITION without CONCURRENTLY from a parent that others use."""
    part, parent = command["def"]["PartitionCmd"], context.target.name
    if part.get("concurrent") or context.is_unshared(parent):
        return
    default = default_partition(context, parent)
    yield Hazard(
        f"Detaching {context.name(part['name'])} stops every query of {parent}.",
        f"ACCESS EXCLUSIVE lock on {parent}."
        + (f" CONCURRENTLY is not possible while {default} is the default partition." if default else ""),
        safe="" if default else detached(parent, context.name(part["name"])),
    )


RULE = Rule(
    id="detach-partition-not-concurrent",
    group=Group.PARTITIONS,
    severity=Severity.ERROR,
    on=("AT_DetachPartition",),
    since=14,
    check=check,
    doc=__doc__,
)
