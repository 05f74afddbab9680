"""A database is dropped.

## Hazard

Everything in it is lost at once, and nothing in PostgreSQL brings it back.

## When it bites

Always. A migration changes a database; it never removes one.

## Unsafe

```sql
DROP DATABASE IF EXISTS archive;
```

## Safe

Remove databases by hand, with a backup that has been restored once.

## Lock

The statement cannot run in a transaction, nor while anybody is connected to the database.

## Versions

All.

## References

- https://www.postgresql.org/docs/current/sql-dropdatabase.html
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import Context, Group, Hazard, Rule
from lockgate.sql.parse import Node
from lockgate.types import Severity


def check(drop: Node, context: Context) -> Iterator[Hazard]:
    """DROP DATABASE."""
    yield Hazard(
        f"Drops the database {drop.get('dbname', '')}.",
        "Everything in it is lost; a migration never removes a database.",
    )


RULE = Rule(
    id="drop-database",
    group=Group.TABLES,
    severity=Severity.ERROR,
    on=("DropdbStmt",),
    check=check,
    doc=__doc__,
)
