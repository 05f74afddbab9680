"""A table is attached as a partition, and its indexes are built while nobody can use it.

## Hazard

A partition has every index of its parent, the one behind the primary key too. What the table lacks is built at ATTACH,
in full, under ACCESS EXCLUSIVE on it.

## When it bites

On a table that holds rows and lacks an index of its parent, or has it only invalid. A table that this migration made
is empty, or small; one that was made with `LIKE parent INCLUDING ALL` has them all.

## Unsafe

```sql
ALTER TABLE visits ATTACH PARTITION visits_old FOR VALUES FROM ('2023-01-01') TO ('2024-01-01');
```

## Safe

```sql
-- lockgate: no-transaction
CREATE INDEX CONCURRENTLY visits_old_page_id_idx ON visits_old (page_id);
ALTER TABLE visits ATTACH PARTITION visits_old FOR VALUES FROM ('2023-01-01') TO ('2024-01-01');
```

## Lock

ACCESS EXCLUSIVE on the table for the whole build; SHARE UPDATE EXCLUSIVE on the parent.

## Versions

11 and later, which have indexes on partitioned tables.

## References

- https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-ATTACH-PARTITION
- https://www.postgresql.org/docs/current/ddl-partitioning.html#DDL-PARTITIONING-DECLARATIVE-MAINTENANCE
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.locks.shapes import matching_index
from lockgate.analysis.rules.base import Context, Group, Hazard, Rule
from lockgate.analysis.rules.partition_facts import indexed_and_attached
from lockgate.sql.parse import Node
from lockgate.types import Severity


def check(command: Node, context: Context) -> Iterator[Hazard]:
    """ATTACH PARTITION that builds the indexes of a table which others use."""
    part = command["def"]["PartitionCmd"]
    child = context.relation(part["name"])
    built = [lock.relation for lock in context.shared_locks if lock.index_build]
    if not built:
        return
    missing = [index for index in context.target.indexes if matching_index(child, index) is None]
    yield Hazard(
        f"Builds {len(missing)} {'index' if len(missing) == 1 else 'indexes'} of {context.target.name} on "
        f"{', '.join(built)} while nobody can use {'it' if len(built) == 1 else 'them'}.",
        "ACCESS EXCLUSIVE lock for as long as the build takes; build them concurrently before.",
        safe=indexed_and_attached(context, part, missing) if built == [str(child.name)] else "",
    )


RULE = Rule(
    id="attach-partition-builds-index",
    group=Group.PARTITIONS,
    severity=Severity.ERROR,
    on=("AT_AttachPartition",),
    check=check,
    doc=__doc__,
)
