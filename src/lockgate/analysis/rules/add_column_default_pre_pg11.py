"""Before PostgreSQL 11 every default writes the whole table anew.

## Hazard

Up to 10 a new column with a default is written into every row, under ACCESS EXCLUSIVE.

## When it bites

On servers up to 10, on a table that holds rows.

## Unsafe

```sql
ALTER TABLE orders ADD COLUMN currency text DEFAULT 'EUR';
```

## Safe

```sql
ALTER TABLE orders ADD COLUMN currency text;
ALTER TABLE orders ALTER COLUMN currency SET DEFAULT 'EUR';
```

## Lock

ACCESS EXCLUSIVE until the table is written anew.

## Versions

Up to 10.

## References

- https://www.postgresql.org/docs/release/11.0/
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import Context, Group, Hazard, Rule
from lockgate.analysis.rules.safe import filled_later
from lockgate.sql.parse import Node, deparse_expression
from lockgate.types import Severity


def check(command: Node, context: Context) -> Iterator[Hazard]:
    """ADD COLUMN … DEFAULT on a table that others use."""
    spec, table = context.added_column(command), context.target
    if spec is None or spec.column.default is None or spec.column.generated:
        return
    value = deparse_expression(spec.column.default)
    yield Hazard(
        f"Writes all of {table.name} anew to give each row the default.",
        f"ACCESS EXCLUSIVE lock on {table.name} until the table is written anew; since 11 it is not.",
        safe=filled_later(context, table, spec, value, default=True),
    )


RULE = Rule(
    id="add-column-default-pre-pg11",
    group=Group.COLUMNS,
    severity=Severity.ERROR,
    on=("AT_AddColumn",),
    until=10,
    check=check,
    doc=__doc__,
)
