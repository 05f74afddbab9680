"""A new column brings a CHECK, and every row is tested although all of them are NULL.

## Hazard

`ADD COLUMN … CHECK` reads the whole table under ACCESS EXCLUSIVE. The server does not reason that a column of NULLs,
or of one default, must pass.

## When it bites

On a table that exists already and holds rows.

## Unsafe

```sql
ALTER TABLE orders ADD COLUMN discount integer CHECK (discount >= 0);
```

## Safe

```sql
-- lockgate: no-transaction
ALTER TABLE orders ADD COLUMN discount integer;
ALTER TABLE orders ADD CONSTRAINT orders_discount_check CHECK (discount >= 0) NOT VALID;
ALTER TABLE orders VALIDATE CONSTRAINT orders_discount_check;
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
from lockgate.analysis.rules.safe import column_without, not_valid_then_validate, one_by_one, unmarked
from lockgate.sql.parse import Node
from lockgate.types import Severity


def check(command: Node, context: Context) -> Iterator[Hazard]:
    """ADD COLUMN … CHECK on a table that others use."""
    column, table = context.added_column(command), context.target
    checks = (
        [spec for spec in column.constraints if spec.kind == "check" and not spec.not_valid] if column else []
    )
    if column is None or not checks:
        return
    steps = [unmarked(context, not_valid_then_validate(context, table, spec)) for spec in checks]
    yield Hazard(
        f"Tests every row of {table.name} for the new column {column.name} while nobody can read or write it.",
        f"ACCESS EXCLUSIVE lock on {table.name} for a full scan.",
        safe=one_by_one(context, column_without(table, column.node, "CONSTR_CHECK"), *steps),
    )


RULE = Rule(
    id="add-column-inline-check",
    group=Group.CONSTRAINTS,
    severity=Severity.ERROR,
    on=("AT_AddColumn",),
    check=check,
    doc=__doc__,
)
