"""A key names a column twice.

## Hazard

The server refuses it (SQLSTATE 42701), and the migration fails.

## When it bites

In PRIMARY KEY and UNIQUE constraints.

## Unsafe

```sql
CREATE TABLE tags (a bigint, b bigint, PRIMARY KEY (a, a));
```

## Safe

```sql
CREATE TABLE tags (a bigint, b bigint, PRIMARY KEY (a, b));
```

## Lock

None: the statement fails.

## Versions

All.

## References

- https://www.postgresql.org/docs/current/sql-createtable.html
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import Context, Group, Hazard, Rule
from lockgate.sql.parse import Node
from lockgate.types import Severity


def check(node: Node, context: Context) -> Iterator[Hazard]:
    """PRIMARY KEY or UNIQUE with a repeated column."""
    spec = context.constraint(node)
    if spec is None or spec.kind not in ("primary key", "unique"):
        return
    columns = spec.constraint.columns
    for name in dict.fromkeys(column for column in columns if columns.count(column) > 1):
        yield Hazard(
            f"The {spec.kind} names the column {name} twice: the server refuses it.",
            "SQLSTATE 42701; the migration fails.",
        )


RULE = Rule(
    id="duplicate-key-column",
    group=Group.CONSTRAINTS,
    severity=Severity.ERROR,
    inside=("Constraint",),
    check=check,
    doc=__doc__,
)
