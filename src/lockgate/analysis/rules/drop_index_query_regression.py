"""Queries that rely on a dropped index become slow.

## Hazard

Whether an index is dropped concurrently or not, the queries that used it fall back to other indexes or to reading the
whole table, all at the same moment.

## When it bites

When the index is still used. Look before dropping: `SELECT idx_scan, last_idx_scan FROM pg_stat_user_indexes WHERE
indexrelname = 'orders_user_id_idx'` (on the primary *and* on every replica, since the statistics were reset).

## Unsafe

```sql
DROP INDEX CONCURRENTLY orders_user_id_idx;
```

## Safe

Drop an index whose columns are the first columns of another one, or one that no query has used for weeks.

## Lock

None of its own; the cost is in the queries afterwards.

## Versions

All.

## References

- https://www.postgresql.org/docs/current/monitoring-stats.html#MONITORING-PG-STAT-ALL-INDEXES-VIEW
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import Context, Group, Hazard, Rule
from lockgate.analysis.rules.index_facts import serves
from lockgate.analysis.state import names
from lockgate.sql.parse import Node
from lockgate.types import Severity


def check(drop: Node, context: Context) -> Iterator[Hazard]:
    """A dropped index that no other index of the table replaces."""
    for item in drop.get("objects", ()):
        schema, name = names.object_name(item)
        index = context.state.index(schema, name)
        if index is not None:
            others = [other for other in context.state.known(index.table).indexes if other.name != index.name]
            if context.is_unshared(index.table) or any(serves(other, index) for other in others):
                continue
        yield Hazard(
            f"Drops the index {name}: queries that use it become slow at once.",
            "Nothing in the migrations replaces it; look at idx_scan in pg_stat_user_indexes first.",
        )


RULE = Rule(
    id="drop-index-query-regression",
    group=Group.INDEXES,
    severity=Severity.INFO,
    on=("DropStmt/OBJECT_INDEX",),
    opt_in=True,
    check=check,
    doc=__doc__,
)
