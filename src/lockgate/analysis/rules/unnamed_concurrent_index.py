"""A concurrent index has no name of its own.

## Hazard

A concurrent build that fails leaves an invalid index behind. Without a name nobody can say in a retry which one to
drop: each try adds one more (`…_idx`, `…_idx1`, `…_idx2`), and all of them cost every write.

## When it bites

With `CREATE INDEX CONCURRENTLY ON …`.

## Unsafe

```sql
CREATE INDEX CONCURRENTLY ON orders (user_id);
```

## Safe

```sql
CREATE INDEX CONCURRENTLY orders_user_id_idx ON orders (user_id);
```

## Lock

None of its own.

## Versions

All.

## References

- https://www.postgresql.org/docs/current/sql-createindex.html#SQL-CREATEINDEX-CONCURRENTLY
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import Context, Group, Hazard, Rule
from lockgate.analysis.rules.safe import create_index
from lockgate.sql.parse import Node
from lockgate.types import Severity


def check(index: Node, context: Context) -> Iterator[Hazard]:
    """CONCURRENTLY without a name."""
    if index.get("concurrent") and not index.get("idxname"):
        yield Hazard(
            f"The index on {context.target.name} has no name, so that a failed build cannot be cleaned up.",
            "A retry builds a second index beside the invalid one of the first try.",
            safe=create_index(context, index, concurrent=True),
        )


RULE = Rule(
    id="unnamed-concurrent-index",
    group=Group.INDEXES,
    severity=Severity.WARNING,
    on=("IndexStmt",),
    check=check,
    doc=__doc__,
)
