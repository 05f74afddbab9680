"""A table is dropped and made anew.

## Hazard

`DROP TABLE IF EXISTS` in front of `CREATE TABLE` makes a script run anywhere, and empties the table wherever it
exists.

## When it bites

When the table is not the migration's own.

## Unsafe

```sql
DROP TABLE IF EXISTS orders CASCADE;
CREATE TABLE orders (id bigint PRIMARY KEY);
```

## Safe

```sql
CREATE TABLE orders_v2 (id bigint PRIMARY KEY);
```

## Lock

ACCESS EXCLUSIVE on the old table and on all that it references.

## Versions

All.

## References

- https://www.postgresql.org/docs/current/sql-droptable.html
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import Context, Group, Hazard, Rule
from lockgate.analysis.state.tables import created_name
from lockgate.sql.parse import Node
from lockgate.types import Severity


def check(create: Node, context: Context) -> Iterator[Hazard]:
    """CREATE TABLE of a name that this file has dropped, when the table was not its own."""
    name = created_name(context.state, create["relation"])
    for gone, was in context.state.gone("relation"):
        if gone == name and (was is None or not was.is_new):
            yield Hazard(
                f"Drops {name} and makes it anew, empty.",
                "Wherever the table exists its rows are lost. Change it with ALTER TABLE.",
            )


RULE = Rule(
    id="create-table-force",
    group=Group.TABLES,
    severity=Severity.ERROR,
    on=("CreateStmt",),
    check=check,
    doc=__doc__,
)
