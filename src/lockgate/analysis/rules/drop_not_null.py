"""A column may be NULL from now on, and readers may not expect it.

## Hazard

Code that was right as long as the column was required (a type without `None`, a join, a unique index) meets NULL for
the first time.

## When it bites

On a table that exists already. The way back needs a scan, and clean data.

## Unsafe

```sql
ALTER TABLE users ALTER COLUMN email DROP NOT NULL;
```

## Safe

```sql
ALTER TABLE users ALTER COLUMN email SET DEFAULT '';
```

## Lock

ACCESS EXCLUSIVE for a moment.

## Versions

All.

## References

- https://www.postgresql.org/docs/current/sql-altertable.html
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import Context, Group, Hazard, Rule
from lockgate.sql.parse import Node
from lockgate.types import Severity


def check(command: Node, context: Context) -> Iterator[Hazard]:
    """DROP NOT NULL of a column that is, or may be, NOT NULL."""
    table, name = context.target, command.get("name", "")
    column = table.column(name)
    if context.is_unshared(table.name) or (column is not None and not column.not_null and not table.partial):
        return
    yield Hazard(
        f"{table.name}.{name} may be NULL from now on.",
        "Readers that rely on a value meet NULL for the first time; the way back needs a scan and clean data.",
    )


RULE = Rule(
    id="drop-not-null",
    group=Group.COLUMNS,
    severity=Severity.INFO,
    on=("AT_DropNotNull",),
    check=check,
    doc=__doc__,
)
