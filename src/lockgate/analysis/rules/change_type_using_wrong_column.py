"""The new values of a column are computed from another column.

## Hazard

`ALTER COLUMN a TYPE integer USING b::integer` overwrites every value of `a` with one of `b`. It is nearly always a
slip, and nothing in the schema shows it afterwards.

## When it bites

At once, on every row.

## Unsafe

```sql
ALTER TABLE orders ALTER COLUMN quantity TYPE integer USING price::integer;
```

## Safe

```sql
ALTER TABLE orders ALTER COLUMN quantity TYPE integer USING quantity::integer;
```

## Lock

ACCESS EXCLUSIVE until the table is written anew.

## Versions

All.

## References

- https://www.postgresql.org/docs/current/sql-altertable.html
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.locks.expressions import columns_in
from lockgate.analysis.rules.base import Context, Group, Hazard, Rule
from lockgate.sql.parse import Node
from lockgate.types import Severity


def check(command: Node, context: Context) -> Iterator[Hazard]:
    """A USING expression that names other columns, but not the one that it is for."""
    name = command.get("name", "")
    expression = command["def"]["ColumnDef"].get("raw_default")
    named = columns_in(expression) if expression else set()
    if named and name not in named:
        yield Hazard(
            f"Every value of {context.target.name}.{name} is overwritten with one of {', '.join(sorted(named))}.",
            "The USING expression does not mention the column that changes its type.",
        )


RULE = Rule(
    id="change-type-using-wrong-column",
    group=Group.COLUMNS,
    severity=Severity.ERROR,
    on=("AT_AlterColumnType",),
    check=check,
    doc=__doc__,
)
