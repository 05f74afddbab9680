"""A table is moved to another tablespace while nobody can use it.

## Hazard

The files of the table are copied under ACCESS EXCLUSIVE. `ALTER TABLE ALL IN TABLESPACE` does it to all tables, in
one transaction.

## When it bites

On a table that exists already and is not tiny. A partitioned table holds no files; only later partitions go there.

## Unsafe

```sql
ALTER TABLE orders SET TABLESPACE fast;
```

## Safe

```sql
CREATE TABLE orders_moved (LIKE orders INCLUDING ALL) TABLESPACE pg_default;
```

## Lock

ACCESS EXCLUSIVE for the length of the copy. `pg_repack --tablespace` moves a table online.

## Versions

All.

## References

- https://www.postgresql.org/docs/current/sql-altertable.html
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import Context, Group, Hazard, Rule
from lockgate.sql.parse import Node
from lockgate.types import Severity


def check(tree: Node, context: Context) -> Iterator[Hazard]:
    """SET TABLESPACE of a table that others use, or of all of them."""
    why = "ACCESS EXCLUSIVE lock while the files are copied; pg_repack moves a table online."
    if context.statement.kind == "AlterTableMoveAllStmt":
        if tree.get("objtype") != "OBJECT_INDEX":
            yield Hazard(
                f"Moves every table in {tree.get('orig_tablespacename')} while nobody can use them.", why
            )
        return
    table = context.target
    if not context.is_unshared(table.name) and table.kind != "partitioned table":
        yield Hazard(f"Copies {table.name} to another tablespace while nobody can read or write it.", why)


RULE = Rule(
    id="set-tablespace",
    group=Group.TABLES,
    severity=Severity.ERROR,
    on=(
        "AT_SetTableSpace",
        "OBJECT_MATVIEW/AT_SetTableSpace",
        "AlterTableMoveAllStmt",
    ),
    check=check,
    doc=__doc__,
)
