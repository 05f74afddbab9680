"""A new column brings a foreign key, which locks the other table too.

## Hazard

`ADD COLUMN … REFERENCES` holds ACCESS EXCLUSIVE on the table and SHARE ROW EXCLUSIVE on the referenced one at the
same time, so that a wait for either blocks both. With a `DEFAULT` every row is looked up as well.

## When it bites

On a table that exists already. Without a default all old rows are NULL and nothing has to be looked up.

## Unsafe

```sql
ALTER TABLE orders ADD COLUMN user_id bigint REFERENCES users (id);
```

## Safe

```sql
-- lockgate: no-transaction
ALTER TABLE orders ADD COLUMN user_id bigint;
CREATE INDEX CONCURRENTLY orders_user_id_idx ON orders (user_id);
ALTER TABLE orders ADD CONSTRAINT orders_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) NOT VALID;
ALTER TABLE orders VALIDATE CONSTRAINT orders_user_id_fkey;
```

## Lock

ACCESS EXCLUSIVE on the table and SHARE ROW EXCLUSIVE on the referenced one; with a default for a scan of both.

## Versions

All.

## References

- https://www.postgresql.org/docs/current/sql-altertable.html
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import Context, Group, Hazard, Rule
from lockgate.analysis.rules.foreign_key_facts import partition_by_partition
from lockgate.analysis.rules.safe import (
    column_without,
    index_online,
    not_valid_then_validate,
    one_by_one,
    unmarked,
)
from lockgate.sql.parse import Node
from lockgate.types import Severity


def check(command: Node, context: Context) -> Iterator[Hazard]:
    """ADD COLUMN … REFERENCES on a table that others use."""
    column, table = context.added_column(command), context.target
    spec = column.constraint("foreign key") if column else None
    if column is None or spec is None or spec.not_valid:
        return
    referenced = spec.constraint.references
    scans = bool(column.has_value)
    whole = table.kind != "partitioned table" or context.major >= 18
    steps = (not_valid_then_validate if whole else partition_by_partition)(context, table, spec)
    yield Hazard(
        f"Locks {referenced} while {table.name} gets the column {column.name}"
        + (", and looks up every row." if scans else "."),
        f"ACCESS EXCLUSIVE lock on {table.name} and SHARE ROW EXCLUSIVE lock on {referenced} together.",
        safe=one_by_one(
            context,
            column_without(table, column.node, "CONSTR_FOREIGN"),
            unmarked(context, index_online(context, table, (column.name,))),
            *([unmarked(context, steps)] if steps else ()),
        ),
        severity=Severity.ERROR if scans else None,
    )


RULE = Rule(
    id="add-column-inline-fk",
    group=Group.CONSTRAINTS,
    severity=Severity.WARNING,
    on=("AT_AddColumn",),
    check=check,
    doc=__doc__,
)
