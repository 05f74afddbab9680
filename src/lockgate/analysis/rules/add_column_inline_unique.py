"""A new unique column builds its index while nobody can use the table.

## Hazard

`ADD COLUMN … UNIQUE` builds an index over the whole table under ACCESS EXCLUSIVE: even reads wait until it is
complete.

## When it bites

On a table that exists already.

## Unsafe

```sql
ALTER TABLE users ADD COLUMN handle text UNIQUE;
```

## Safe

```sql
ALTER TABLE users ADD COLUMN handle text;
CREATE UNIQUE INDEX CONCURRENTLY users_handle_key ON users (handle);
ALTER TABLE users ADD CONSTRAINT users_handle_key UNIQUE USING INDEX users_handle_key;
```

## Lock

ACCESS EXCLUSIVE for a full scan and an index build.

## Versions

All.

## References

- https://www.postgresql.org/docs/current/sql-altertable.html
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import Context, Group, Hazard, Rule
from lockgate.analysis.rules.safe import column_without, key_online, one_by_one, unmarked
from lockgate.sql.parse import Node
from lockgate.types import Severity


def check(command: Node, context: Context) -> Iterator[Hazard]:
    """ADD COLUMN … UNIQUE on a table that others use."""
    column, table = context.added_column(command), context.target
    spec = column.constraint("unique") if column else None
    if column is None or spec is None:
        return
    steps = unmarked(context, key_online(context, table, spec))
    yield Hazard(
        f"Builds a unique index on {table.name} for the new column {column.name} while nobody can read or write it.",
        f"ACCESS EXCLUSIVE lock on {table.name} until the index is complete.",
        safe=one_by_one(context, column_without(table, column.node, "CONSTR_UNIQUE"), steps),
    )


RULE = Rule(
    id="add-column-inline-unique",
    group=Group.CONSTRAINTS,
    severity=Severity.ERROR,
    on=("AT_AddColumn",),
    check=check,
    doc=__doc__,
)
