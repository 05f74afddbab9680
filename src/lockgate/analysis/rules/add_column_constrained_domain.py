"""A new column of a constrained domain writes the whole table anew, even when it is NULL everywhere.

## Hazard

The server checks the value of a new column against the constraints of its domain row by row, and writes the table and
all its indexes anew under ACCESS EXCLUSIVE to do so, although there is nothing to write.

## When it bites

On a table that exists already, when the domain, or a domain below it, has a CHECK or NOT NULL. An array of the domain
is harmless.

## Unsafe

```sql
ALTER TABLE orders ADD COLUMN contact email;
```

## Safe

```sql
-- lockgate: no-transaction
ALTER TABLE orders ADD COLUMN contact text;
ALTER TABLE orders ADD CONSTRAINT orders_contact_check CHECK (contact LIKE '%@%') NOT VALID;
ALTER TABLE orders VALIDATE CONSTRAINT orders_contact_check;
```

## Lock

ACCESS EXCLUSIVE until the table and its indexes are written anew.

## Versions

All supported ones.

## References

- https://www.postgresql.org/docs/current/sql-createdomain.html
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis import type_changes
from lockgate.analysis.rules.base import Context, Group, Hazard, Rule
from lockgate.analysis.rules.safe import base_column_with_checks
from lockgate.sql.parse import Node
from lockgate.types import Severity


def check(command: Node, context: Context) -> Iterator[Hazard]:
    """ADD COLUMN of a domain with constraints on a table that others use."""
    spec, table = context.added_column(command), context.target
    if spec is None or spec.column.generated:
        return
    demand = type_changes.constraint_of(spec.column.type, context.state)
    if not demand:
        return
    yield Hazard(
        f"Writes all of {table.name} anew to check the new column {spec.name} against {demand}.",
        f"ACCESS EXCLUSIVE lock on {table.name} until the table and its indexes are written anew.",
        safe=base_column_with_checks(context, table, spec),
    )


RULE = Rule(
    id="add-column-constrained-domain",
    group=Group.COLUMNS,
    severity=Severity.ERROR,
    on=("AT_AddColumn",),
    check=check,
    doc=__doc__,
)
