"""An index is dropped under a lock that stops reads and writes.

## Hazard

`DROP INDEX` takes ACCESS EXCLUSIVE on the table of the index. The drop itself is quick, but it has to wait for every
running query on the table, and while it waits every new query waits behind it.

## When it bites

On a table with traffic. `CONCURRENTLY` is not possible for the index behind a constraint (drop the constraint
instead) nor for an index of a partitioned table.

## Unsafe

```sql
DROP INDEX orders_user_id_idx;
```

## Safe

```sql
DROP INDEX CONCURRENTLY orders_user_id_idx;
```

## Lock

ACCESS EXCLUSIVE on the table; with `CONCURRENTLY` SHARE UPDATE EXCLUSIVE, and the drop waits until no query uses the
index any more. It cannot run in a transaction, drops one index at a time and knows no `CASCADE`.

## Versions

All.

## References

- https://www.postgresql.org/docs/current/sql-dropindex.html
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import Context, Group, Hazard, Rule
from lockgate.analysis.rules.safe import drop_index_concurrently
from lockgate.analysis.state import names
from lockgate.sql.identifiers import QualifiedName
from lockgate.sql.parse import Node
from lockgate.types import Severity


def check(drop: Node, context: Context) -> Iterator[Hazard]:
    """A drop without CONCURRENTLY of an index on a table that others use."""
    if drop.get("concurrent"):
        return
    for item in drop.get("objects", ()):
        schema, name = names.object_name(item)
        index = context.state.index(schema, name)
        if index is not None and (context.is_unshared(index.table) or index.constraint):
            continue
        if index is None and drop.get("missing_ok") and context.is_dropped_here("index", schema, name):
            continue
        table = index.table if index else "its table"
        concurrently = index is None or not index.partitioned
        yield Hazard(
            f"Drops the index {name} while nobody can read or write {table}.",
            f"ACCESS EXCLUSIVE lock on {table}; it waits for running queries, and new ones wait behind it.",
            safe=drop_index_concurrently(QualifiedName(schema, name), bool(drop.get("missing_ok")))
            if concurrently
            else "",
        )


RULE = Rule(
    id="drop-index-not-concurrent",
    group=Group.INDEXES,
    severity=Severity.WARNING,
    on=("DropStmt/OBJECT_INDEX",),
    check=check,
    doc=__doc__,
)
