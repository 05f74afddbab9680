"""An index names a column twice.

## Hazard

The second mention makes the index larger and serves no search.

## When it bites

When a key column is repeated as a key, or behind `INCLUDE`. The same column with another operator class or collation
is meant on purpose and is not reported.

## Unsafe

```sql
CREATE INDEX CONCURRENTLY orders_user_idx ON orders (user_id, user_id);
```

## Safe

```sql
CREATE INDEX CONCURRENTLY orders_user_idx ON orders (user_id);
```

## Lock

None of its own.

## Versions

All.

## References

- https://www.postgresql.org/docs/current/sql-createindex.html
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import Context, Group, Hazard, Rule
from lockgate.sql.parse import Node, without_locations
from lockgate.types import Severity


def check(tree: Node, context: Context) -> Iterator[Hazard]:
    """A column that stands twice among keys and included columns."""
    index = context.index
    plain = [key.column for key in index.keys if key.column and not key.opclass and not key.collation]
    mentioned = [*plain, *index.include]
    for column in dict.fromkeys(name for name in mentioned if mentioned.count(name) > 1):
        yield Hazard(
            f"The index on {index.table} names the column {column} twice.",
            "The second mention makes the index larger and serves no search.",
        )
    keys = [
        repr((without_locations(key.expression), key.opclass, key.collation))
        for key in index.keys
        if key.expression
    ]
    if len(set(keys)) < len(keys):
        yield Hazard(
            f"The index on {index.table} holds the same expression twice.",
            "The second mention makes the index larger and serves no search.",
        )


RULE = Rule(
    id="duplicate-index-column",
    group=Group.INDEXES,
    severity=Severity.WARNING,
    on=("IndexStmt",),
    check=check,
    doc=__doc__,
)
