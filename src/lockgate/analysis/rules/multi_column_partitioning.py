"""A table is partitioned by several columns.

## Hazard

Range bounds over several columns compare like rows, not column by column: few queries can leave partitions out, and
bounds are easily misread.

## When it bites

As a house rule. Partition by one column, and its partitions by another one if that is needed.

## Unsafe

```sql
CREATE TABLE metrics (at date, region text) PARTITION BY RANGE (at, region);
```

## Safe

```sql
CREATE TABLE metrics (at date, region text) PARTITION BY RANGE (at);
```

## Lock

None of its own.

## Versions

All.

## References

- https://www.postgresql.org/docs/current/ddl-partitioning.html
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import Context, Group, Hazard, Rule
from lockgate.sql.parse import Node
from lockgate.types import Severity


def check(create: Node, context: Context) -> Iterator[Hazard]:
    """PARTITION BY more than one column."""
    parts = create.get("partspec", {}).get("partParams", ())
    if len(parts) > 1:
        yield Hazard(
            f"{context.target.name} is partitioned by {len(parts)} columns.",
            "Bounds over several columns compare like rows; few queries can leave partitions out.",
        )


RULE = Rule(
    id="multi-column-partitioning",
    group=Group.PARTITIONS,
    severity=Severity.INFO,
    on=("CreateStmt",),
    opt_in=True,
    check=check,
    doc=__doc__,
)
