"""A new column has a default that differs from row to row, so the whole table is written anew.

## Hazard

A constant default, and one such as `now()` that is the same for the whole statement, is stored once and costs nothing
(since 11). A volatile one (`random()`, `gen_random_uuid()`, `clock_timestamp()`, `nextval()`, a function of your own
that is not declared otherwise) must be computed for every row: the table and all its indexes are written anew under
ACCESS EXCLUSIVE.

## When it bites

On a table that exists already and holds rows.

## Unsafe

```sql
ALTER TABLE orders ADD COLUMN token uuid DEFAULT gen_random_uuid();
```

## Safe

```sql
ALTER TABLE orders ADD COLUMN token uuid;
ALTER TABLE orders ALTER COLUMN token SET DEFAULT gen_random_uuid();
```

## Lock

ACCESS EXCLUSIVE until the table and its indexes are written anew. The safe way gives only new rows the default; fill
the old ones in chunks.

## Versions

11 and later. `now()`, `current_date`, `current_user` and other stable functions are harmless.

## References

- https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-NOTES
- https://www.postgresql.org/docs/current/xfunc-volatility.html
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import Context, Group, Hazard, Rule
from lockgate.analysis.rules.safe import filled_later
from lockgate.analysis.volatility import is_volatile
from lockgate.sql.parse import Node, deparse_expression
from lockgate.types import Severity


def check(command: Node, context: Context) -> Iterator[Hazard]:
    """ADD COLUMN … DEFAULT with a volatile expression on a table that others use."""
    spec, table = context.added_column(command), context.target
    if spec is None or spec.column.generated or not is_volatile(spec.column.default, context.state):
        return
    value = deparse_expression(spec.column.default or {})
    yield Hazard(
        f"Writes all of {table.name} anew: {value} differs from row to row.",
        f"ACCESS EXCLUSIVE lock on {table.name} until the table and its indexes are written anew.",
        safe=filled_later(context, table, spec, value, default=True),
    )


RULE = Rule(
    id="add-column-volatile-default",
    group=Group.COLUMNS,
    severity=Severity.ERROR,
    on=("AT_AddColumn",),
    check=check,
    doc=__doc__,
)
