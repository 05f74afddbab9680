"""A table is unlogged: a crash empties it, and replicas do not have it.

## Hazard

Unlogged tables are not written to the log. After a crash, or a failover, they are empty; backups by log shipping do
not hold them.

## When it bites

When anything in it matters.

## Unsafe

```sql
CREATE UNLOGGED TABLE carts (id bigint PRIMARY KEY);
```

## Safe

```sql
CREATE TABLE carts (id bigint PRIMARY KEY);
```

## Lock

None of its own.

## Versions

All.

## References

- https://www.postgresql.org/docs/current/sql-createtable.html#SQL-CREATETABLE-UNLOGGED
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lockgate.analysis.rules.base import Context, Group, Hazard, Rule
from lockgate.sql.parse import Node
from lockgate.types import Severity


def check(create: Node, context: Context) -> Iterator[Hazard]:
    """CREATE UNLOGGED TABLE."""
    into = create.get("into") or create.get("intoClause") or {}
    relation = create.get("relation") or into.get("rel", {})
    if relation.get("relpersistence") == "u":
        yield Hazard(
            f"{relation.get('relname', '')} is unlogged: a crash empties it, and replicas do not have it.",
            "It is not written to the log; after a failover it is empty.",
            safe=re.sub(r"\bUNLOGGED\s+", "", context.statement.sql, count=1, flags=re.IGNORECASE) + ";",
        )


RULE = Rule(
    id="create-unlogged-table",
    group=Group.TABLES,
    severity=Severity.WARNING,
    on=(
        "CreateStmt",
        "CreateTableAsStmt",
        "SelectStmt",
    ),
    check=check,
    doc=__doc__,
)
