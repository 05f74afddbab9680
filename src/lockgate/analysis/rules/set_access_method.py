"""A table gets another access method, and is written anew.

## Hazard

Every row is copied from one storage to the other, and all indexes are built again, under ACCESS EXCLUSIVE.

## When it bites

On a table that exists already and holds rows.

## Unsafe

```sql
ALTER TABLE events SET ACCESS METHOD columnar;
```

## Safe

```sql
ALTER TABLE events SET (fillfactor = 90);
```

## Lock

ACCESS EXCLUSIVE until the table and its indexes are written anew.

## Versions

15 and later. Make a new table with the other method and move the rows in chunks.

## References

- https://www.postgresql.org/docs/current/sql-altertable.html
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import Context, Group, Hazard, Rule
from lockgate.sql.parse import Node
from lockgate.types import Severity


def check(command: Node, context: Context) -> Iterator[Hazard]:
    """SET ACCESS METHOD of a table that others use, to another one."""
    table, method = context.target, command.get("name", "heap")
    if context.is_unshared(table.name) or (not table.partial and table.access_method == method):
        return
    if table.kind != "partitioned table":
        yield Hazard(
            f"Writes all of {table.name} anew for the access method {method} while nobody can read or write it.",
            f"ACCESS EXCLUSIVE lock on {table.name} until the table and its indexes are copied.",
        )


RULE = Rule(
    id="set-access-method",
    group=Group.TABLES,
    severity=Severity.ERROR,
    on=("AT_SetAccessMethod", "OBJECT_MATVIEW/AT_SetAccessMethod"),
    since=15,
    check=check,
    doc=__doc__,
)
