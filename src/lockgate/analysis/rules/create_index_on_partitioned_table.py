"""An index on a partitioned table is built on all partitions at once, and cannot be built concurrently.

## Hazard

`CREATE INDEX` on a partitioned table builds an index on every partition in one statement, under a SHARE lock on all
of them: nobody can write to any partition until the last one is done. `CREATE INDEX CONCURRENTLY` is refused there
(SQLSTATE 0A000).

## When it bites

On a partitioned table with partitions that hold rows. `ON ONLY` touches the parent alone and takes a moment.

## Unsafe

```sql
CREATE INDEX events_user_id_idx ON events (user_id);
```

## Safe

```sql
CREATE INDEX events_user_id_idx ON ONLY events (user_id);
CREATE INDEX CONCURRENTLY events_2025_user_id_idx ON events_2025 (user_id);
ALTER INDEX events_user_id_idx ATTACH PARTITION events_2025_user_id_idx;
```

## Lock

SHARE on the parent and on every partition for the whole build. The safe way takes SHARE UPDATE EXCLUSIVE on one
partition at a time; the index of the parent becomes valid when the last partition's index is attached.

## Versions

11 and later.

## References

- https://www.postgresql.org/docs/current/ddl-partitioning.html#DDL-PARTITIONING-DECLARATIVE-MAINTENANCE
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import Context, Group, Hazard, Rule
from lockgate.analysis.rules.safe import index_partition_by_partition
from lockgate.sql.parse import Node
from lockgate.types import Severity


def check(index: Node, context: Context) -> Iterator[Hazard]:
    """An index on a partitioned parent, unless ON ONLY."""
    table = context.target
    if table.kind != "partitioned table" or context.is_unshared(table.name):
        return
    concurrent = bool(index.get("concurrent"))
    if not index["relation"].get("inh") and not concurrent:
        return
    refused = f"CREATE INDEX CONCURRENTLY fails: {table.name} is partitioned."
    builds = f"Builds an index on every partition of {table.name} while nobody can write to any of them."
    yield Hazard(
        refused if concurrent else builds,
        "SQLSTATE 0A000: cannot create index on partitioned table concurrently."
        if concurrent
        else f"SHARE lock on {table.name} and all its partitions until the last index is complete.",
        safe=index_partition_by_partition(context, index),
    )


RULE = Rule(
    id="create-index-on-partitioned-table",
    group=Group.INDEXES,
    severity=Severity.ERROR,
    on=("IndexStmt",),
    check=check,
    doc=__doc__,
)
