"""A table is attached as a partition and read in full while nobody can use it.

## Hazard

The server must be sure that every row belongs into the partition. Unless a valid CHECK says so, it reads the table
under ACCESS EXCLUSIVE; and it reads the default partition, if there is one, to be sure that no row of it belongs into
the new one.

## When it bites

On a table that holds rows. A table that this migration made is empty, or small. Indexes of the parent that the table
lacks are built then too, which is another rule's matter.

## Unsafe

```sql
ALTER TABLE events ATTACH PARTITION events_old FOR VALUES FROM ('2023-01-01') TO ('2024-01-01');
```

## Safe

```sql
-- lockgate: no-transaction
ALTER TABLE events_old ADD CONSTRAINT events_old_bound
  CHECK (at IS NOT NULL AND at >= '2023-01-01' AND at < '2024-01-01') NOT VALID;
ALTER TABLE events_old VALIDATE CONSTRAINT events_old_bound;
ALTER TABLE events ATTACH PARTITION events_old FOR VALUES FROM ('2023-01-01') TO ('2024-01-01');
ALTER TABLE events_old DROP CONSTRAINT events_old_bound;
```

## Lock

SHARE UPDATE EXCLUSIVE on the parent (since 12), ACCESS EXCLUSIVE on the table and on the default partition, for a
scan of each that is not proved.

## Versions

12 and later for the weak lock on the parent.

## References

- https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-ATTACH-PARTITION
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import Context, Group, Hazard, Rule
from lockgate.analysis.rules.partition_facts import is_proved, proved_and_attached
from lockgate.sql.parse import Node
from lockgate.types import Severity


def check(command: Node, context: Context) -> Iterator[Hazard]:
    """ATTACH PARTITION that has to read a table which others use."""
    part = command["def"]["PartitionCmd"]
    child, parent = context.name(part["name"]), context.target.name
    read = [
        lock.relation
        for lock in context.shared_locks
        if lock.scan and not (lock.index_build and is_proved(context, lock.relation, part["bound"]))
    ]
    if read:
        yield Hazard(
            f"Reads {', '.join(read)} in full before {child} becomes a partition of {parent}.",
            f"ACCESS EXCLUSIVE lock on {', '.join(read)} for a full scan, unless a valid CHECK proves the bound.",
            safe=proved_and_attached(context, part) if read == [str(child)] else "",
        )


RULE = Rule(
    id="attach-partition-without-check",
    group=Group.PARTITIONS,
    severity=Severity.ERROR,
    on=("AT_AttachPartition",),
    check=check,
    doc=__doc__,
)
