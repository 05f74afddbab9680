"""A table is emptied.

## Hazard

Every row is gone, without triggers for each row, and under ACCESS EXCLUSIVE. On a logical replica it goes too.

## When it bites

On a table that exists already and that this migration has not filled itself.

## Unsafe

```sql
TRUNCATE sessions;
```

## Safe

```sql
-- lockgate: backfill batch=1000
DELETE FROM sessions WHERE expires_at < now() - interval '30 days';
```

## Lock

ACCESS EXCLUSIVE until the end of the transaction.

## Versions

All.

## References

- https://www.postgresql.org/docs/current/sql-truncate.html
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import Context, Group, Hazard, Rule
from lockgate.sql.parse import Node
from lockgate.types import Severity


def check(truncate: Node, context: Context) -> Iterator[Hazard]:
    """TRUNCATE of tables that others use."""
    tables = [context.name(item["RangeVar"]) for item in truncate.get("relations", ())]
    shared = [str(name) for name in tables if not context.is_unshared(name)]
    if shared:
        yield Hazard(
            f"Empties {', '.join(shared)}.",
            "ACCESS EXCLUSIVE lock, and every row is lost; delete what is to go in chunks.",
        )


RULE = Rule(
    id="truncate",
    group=Group.TABLES,
    severity=Severity.ERROR,
    on=("TruncateStmt",),
    called=True,
    check=check,
    doc=__doc__,
)
