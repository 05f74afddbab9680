"""A new partition locks the whole partitioned table.

## Hazard

`CREATE TABLE … PARTITION OF` takes ACCESS EXCLUSIVE on the parent: every query of the partitioned table waits for it,
and it waits for the longest of them. With a default partition it also reads that one, to be sure that no row belongs
to the new partition.

## When it bites

On a parent that is in use, each time a new month begins. `ATTACH PARTITION` of a table that is already made takes
only SHARE UPDATE EXCLUSIVE on the parent.

## Unsafe

```sql
CREATE TABLE events_2026 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
```

## Safe

```sql
CREATE TABLE events_2026 (LIKE events INCLUDING ALL EXCLUDING IDENTITY);
ALTER TABLE events ATTACH PARTITION events_2026 FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
```

## Lock

ACCESS EXCLUSIVE on the parent and on a default partition; attaching takes SHARE UPDATE EXCLUSIVE on the parent (since
12).

## Versions

All.

## References

- https://www.postgresql.org/docs/current/ddl-partitioning.html#DDL-PARTITIONING-DECLARATIVE-MAINTENANCE
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import Context, Group, Hazard, Rule
from lockgate.analysis.rules.partition_facts import made_and_attached
from lockgate.analysis.state.tables import created_name
from lockgate.sql.parse import Node
from lockgate.types import Severity


def check(create: Node, context: Context) -> Iterator[Hazard]:
    """PARTITION OF a parent that others use."""
    if "partbound" not in create:
        return
    parent = context.name(create["inhRelations"][0]["RangeVar"])
    name = created_name(context.state, create["relation"])
    if context.is_unshared(parent) or (create.get("if_not_exists") and context.is_known(name)):
        return
    yield Hazard(
        f"Making the partition {name} stops every query of {parent}.",
        f"ACCESS EXCLUSIVE lock on {parent}; attaching a table that is made before takes a weak one.",
        safe=made_and_attached(context, parent, name, create),
    )


RULE = Rule(
    id="create-partition-of-locks-parent",
    group=Group.PARTITIONS,
    severity=Severity.WARNING,
    on=("CreateStmt",),
    check=check,
    doc=__doc__,
)
