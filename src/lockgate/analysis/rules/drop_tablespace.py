"""A tablespace is dropped.

## Hazard

It belongs to the whole cluster. Other databases may use it, and the statement fails while they do; a migration of one
database should not decide it.

## When it bites

Always.

## Unsafe

```sql
DROP TABLESPACE fast;
```

## Safe

Leave tablespaces to whoever runs the server.

## Lock

The statement cannot run in a transaction.

## Versions

All.

## References

- https://www.postgresql.org/docs/current/sql-droptablespace.html
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import Context, Group, Hazard, Rule
from lockgate.sql.parse import Node
from lockgate.types import Severity


def check(drop: Node, context: Context) -> Iterator[Hazard]:
    """DROP TABLESPACE."""
    yield Hazard(
        f"Drops the tablespace {drop.get('tablespacename', '')}, which belongs to the whole cluster.",
        "Other databases may use it; leave it to whoever runs the server.",
    )


RULE = Rule(
    id="drop-tablespace",
    group=Group.TABLES,
    severity=Severity.ERROR,
    on=("DropTableSpaceStmt",),
    check=check,
    doc=__doc__,
)
