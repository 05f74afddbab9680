"""A CHECK constraint is added and every old row is tested while nobody can use the table.

## Hazard

`ADD CONSTRAINT … CHECK` reads the whole table under ACCESS EXCLUSIVE: not even a `SELECT` gets through.

## When it bites

On a table that exists already and holds rows. A constraint that is `NOT ENFORCED` (18) is not tested at all.

## Unsafe

```sql
ALTER TABLE orders ADD CONSTRAINT orders_total_positive CHECK (total >= 0);
```

## Safe

```sql
-- lockgate: no-transaction
ALTER TABLE orders ADD CONSTRAINT orders_total_positive CHECK (total >= 0) NOT VALID;
ALTER TABLE orders VALIDATE CONSTRAINT orders_total_positive;
```

## Lock

ACCESS EXCLUSIVE for as long as the table takes to read. With `NOT VALID` it is held for a moment; `VALIDATE` then
reads under SHARE UPDATE EXCLUSIVE, which lets reads and writes go on, if it runs in another transaction. New and
changed rows are tested from the first statement on, so the application must keep to the constraint by then.

## Versions

All.

## References

- https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-DESC-ADD-TABLE-CONSTRAINT
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import Context, Group, Hazard, Rule
from lockgate.analysis.rules.safe import not_valid_then_validate
from lockgate.sql.parse import Node
from lockgate.types import Severity


def check(command: Node, context: Context) -> Iterator[Hazard]:
    """A CHECK without NOT VALID on a table that others use."""
    spec = context.constraint(command["def"]["Constraint"])
    table = context.target
    if spec is None or spec.kind != "check" or spec.not_valid or context.is_unshared(table.name):
        return
    yield Hazard(
        f"Tests every row of {table.name} while nobody can read or write it.",
        f"ACCESS EXCLUSIVE lock on {table.name} for a full scan.",
        safe=not_valid_then_validate(context, table, spec),
    )


RULE = Rule(
    id="add-check-without-not-valid",
    group=Group.CONSTRAINTS,
    severity=Severity.ERROR,
    on=("AT_AddConstraint",),
    check=check,
    doc=__doc__,
)
