"""TRUNCATE CASCADE empties every table that points to this one.

## Hazard

The tables that reference the table, and those that reference them, are emptied too, whatever their foreign keys say
about deletes.

## When it bites

With `CASCADE`, on a table that others reference.

## Unsafe

```sql
TRUNCATE users CASCADE;
```

## Safe

```sql
-- lockgate: backfill batch=1000
DELETE FROM users WHERE deleted_at < now() - interval '90 days';
```

## Lock

ACCESS EXCLUSIVE on all of them until the end of the transaction.

## Versions

All.

## References

- https://www.postgresql.org/docs/current/sql-truncate.html
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import Context, Group, Hazard, Rule
from lockgate.analysis.rules.table_facts import referencing_tables
from lockgate.sql.parse import Node
from lockgate.types import Severity


def check(truncate: Node, context: Context) -> Iterator[Hazard]:
    """TRUNCATE … CASCADE of tables that others use."""
    if truncate.get("behavior") != "DROP_CASCADE":
        return
    tables = [context.name(item["RangeVar"]) for item in truncate.get("relations", ())]
    shared = [name for name in tables if not context.is_unshared(name)]
    if not shared:
        return
    others = referencing_tables(shared, context)
    emptied = ", ".join(map(str, others)) if others else "every table that references it"
    yield Hazard(
        f"Emptying {', '.join(map(str, shared))} with CASCADE also empties {emptied}.",
        "The rows of all of them are lost, whatever ON DELETE says. Name the tables that are meant.",
    )


RULE = Rule(
    id="truncate-cascade",
    group=Group.TABLES,
    severity=Severity.ERROR,
    on=("TruncateStmt",),
    called=True,
    check=check,
    doc=__doc__,
)
