"""An index has more columns than queries can use well.

## Hazard

Every key column makes the index larger, every write dearer, and the index useful to fewer queries: a B-tree narrows
the search by its leading columns only.

## When it bites

With four key columns or more in an index that is not unique (`columns` in the rule's settings is the largest number
allowed, 3). Columns that are only read belong behind `INCLUDE`.

## Unsafe

```sql
CREATE INDEX CONCURRENTLY orders_all_idx ON orders (user_id, status, created_at, total);
```

## Safe

```sql
CREATE INDEX CONCURRENTLY orders_user_idx ON orders (user_id, created_at) INCLUDE (status, total);
```

## Lock

None of its own.

## Versions

All.

## References

- https://www.postgresql.org/docs/current/indexes-multicolumn.html
- https://www.postgresql.org/docs/current/indexes-index-only-scans.html
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import Context, Group, Hazard, Rule
from lockgate.sql.parse import Node
from lockgate.types import Severity


def check(index: Node, context: Context) -> Iterator[Hazard]:
    """A B-tree with too many keys."""
    largest = context.setting("wide-index", "columns", 3)
    keys = len(index.get("indexParams", ()))
    if index.get("unique") or keys <= largest or index.get("accessMethod", "btree") != "btree":
        return
    yield Hazard(
        f"The index on {context.target.name} has {keys} key columns.",
        f"Only the leading columns narrow a search; more than {largest} make every write dearer for little.",
    )


RULE = Rule(
    id="wide-index",
    group=Group.INDEXES,
    severity=Severity.INFO,
    on=("IndexStmt",),
    check=check,
    doc=__doc__,
    settings={"columns": int},
)
