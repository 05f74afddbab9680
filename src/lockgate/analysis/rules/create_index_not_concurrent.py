"""An index is built while nobody can write to the table.

## Hazard

`CREATE INDEX` without `CONCURRENTLY` holds a SHARE lock on the table from the first row to the last. Reads go on;
every `INSERT`, `UPDATE` and `DELETE` waits: about a minute for each 50 GB, and everything that queues up behind it
waits too.

## When it bites

On a table that exists already. A table that this migration creates is nobody else's yet, and building its indexes at
once is right. Partitioned tables have a rule of their own, because `CONCURRENTLY` is not allowed there.

## Unsafe

```sql
CREATE INDEX orders_user_id_idx ON orders (user_id);
```

## Safe

```sql
CREATE INDEX CONCURRENTLY orders_user_id_idx ON orders (user_id);
```

## Lock

SHARE on the table during the whole build; with `CONCURRENTLY` SHARE UPDATE EXCLUSIVE, which blocks neither reads nor
writes. A concurrent build cannot run in a transaction, and one that fails leaves an invalid index behind: drop it
with `DROP INDEX CONCURRENTLY` before trying again.

## Versions

All.

## References

- https://www.postgresql.org/docs/current/sql-createindex.html#SQL-CREATEINDEX-CONCURRENTLY
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import Context, Group, Hazard, Rule
from lockgate.analysis.rules.safe import create_index
from lockgate.sql.parse import Node
from lockgate.types import Severity


def check(index: Node, context: Context) -> Iterator[Hazard]:
    """A build without CONCURRENTLY on a table that others use."""
    table = context.target
    if index.get("concurrent") or context.is_unshared(table.name) or table.kind == "partitioned table":
        return
    if table.kind == "materialized view" and table.is_new:
        return
    if index.get("if_not_exists") and context.state.index(table.name.schema, index.get("idxname", "")):
        return
    yield Hazard(
        f"Builds an index on {table.name} while nobody can write to it.",
        f"SHARE lock on {table.name} until the index is complete: every INSERT, UPDATE and DELETE waits.",
        safe=create_index(context, index, concurrent=True),
    )


RULE = Rule(
    id="create-index-not-concurrent",
    group=Group.INDEXES,
    severity=Severity.ERROR,
    on=("IndexStmt",),
    check=check,
    doc=__doc__,
)
