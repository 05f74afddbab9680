"""A hash index does not survive a crash.

## Hazard

Before PostgreSQL 10 hash indexes were not written to the log: after a crash, and on every replica, they gave wrong
answers until they were rebuilt.

## When it bites

On servers before 10, always.

## Unsafe

```sql
CREATE INDEX orders_token_idx ON orders USING hash (token);
```

## Safe

```sql
CREATE INDEX orders_token_idx ON orders USING btree (token);
```

## Lock

None of its own.

## Versions

Up to 9.6.

## References

- https://www.postgresql.org/docs/10/release-10.html
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import Context, Group, Hazard, Rule
from lockgate.sql.parse import Node
from lockgate.types import Severity


def check(index: Node, context: Context) -> Iterator[Hazard]:
    """USING hash."""
    if index.get("accessMethod") == "hash":
        yield Hazard(
            f"The hash index on {context.target.name} is lost in a crash.",
            "Before 10 hash indexes are not logged; replicas and recovered servers read a corrupt index.",
        )


RULE = Rule(
    id="hash-index-unlogged",
    group=Group.INDEXES,
    severity=Severity.ERROR,
    on=("IndexStmt",),
    until=9,
    check=check,
    doc=__doc__,
)
