"""A column becomes narrower: values are lost, or the statement fails.

## Hazard

A value that does not fit the new type stops the migration (`bigint` to `integer`, `text` to `varchar(20)`), or is
rounded without a word (`numeric(10,4)` to `numeric(10,2)`, `timestamptz` to `date`).

## When it bites

When some row holds such a value, which is usually known only on production.

## Unsafe

```sql
ALTER TABLE orders ALTER COLUMN code TYPE varchar(5);
```

## Safe

```sql
ALTER TABLE orders ADD CONSTRAINT orders_code_short CHECK (length(code) <= 5) NOT VALID;
```

## Lock

ACCESS EXCLUSIVE until the table and its indexes are written anew.

## Versions

All.

## References

- https://www.postgresql.org/docs/current/sql-altertable.html
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import Context, Group, Hazard, Rule
from lockgate.analysis.rules.column_facts import loss
from lockgate.analysis.state.names import type_sql
from lockgate.sql.parse import Node
from lockgate.types import Severity


def check(command: Node, context: Context) -> Iterator[Hazard]:
    """ALTER COLUMN … TYPE to a narrower type, where the old one is known."""
    table, name = context.target, command.get("name", "")
    old = table.column(name)
    if old is None or context.is_empty(table.name):
        return
    new = context.column(command["def"]["ColumnDef"]).column.type
    lost = loss(context.state.base_type(old.type), context.state.base_type(new))
    if lost:
        yield Hazard(
            f"{table.name}.{name} becomes narrower, {type_sql(old.type)} to {type_sql(new)}: {lost}.",
            "Values that do not fit stop the migration or are changed without a word.",
        )


RULE = Rule(
    id="change-column-type-lossy",
    group=Group.COLUMNS,
    severity=Severity.ERROR,
    on=("AT_AlterColumnType",),
    check=check,
    doc=__doc__,
)
