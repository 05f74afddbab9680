"""A column that has CHECK constraints changes its type, and they are tested again.

## Hazard

The server drops the constraints that mention the column, and adds them again for the new type, which tests every row
under ACCESS EXCLUSIVE, even where the table itself needs no rewrite.

## When it bites

On a table that exists already. Drop the constraint first and add it again as `NOT VALID` afterwards.

## Unsafe

```sql
ALTER TABLE orders ALTER COLUMN code TYPE varchar(50);
```

## Safe

```sql
-- lockgate: no-transaction
ALTER TABLE orders DROP CONSTRAINT orders_code_check;
ALTER TABLE orders ALTER COLUMN code TYPE varchar(50);
ALTER TABLE orders ADD CONSTRAINT orders_code_check CHECK (code <> '') NOT VALID;
ALTER TABLE orders VALIDATE CONSTRAINT orders_code_check;
```

## Lock

ACCESS EXCLUSIVE for a full scan.

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
    """ALTER COLUMN … TYPE of a column that checks mention."""
    table, name = context.target, command.get("name", "")
    if context.is_unshared(table.name):
        return
    checks = [c.name for c in table.constraints if c.kind == "check" and name in c.columns and c.enforced]
    lock = context.lock_of(command)
    if checks and lock is not None and (lock.scan or lock.rewrite):
        yield Hazard(
            f"Tests {', '.join(checks)} on every row of {table.name} again, because {name} changes its type.",
            f"ACCESS EXCLUSIVE lock on {table.name} for a full scan; drop the check first, add it again NOT VALID.",
        )


RULE = Rule(
    id="change-type-with-check-constraint",
    group=Group.COLUMNS,
    severity=Severity.WARNING,
    on=("AT_AlterColumnType",),
    check=check,
    doc=__doc__,
)
