"""An extension is created by a migration.

## Hazard

Most extensions need a superuser, or a provider that allows them, and their files on the server: what works on one
database fails on the next one.

## When it bites

When extensions are a matter of whoever runs the server. `IF NOT EXISTS` does not change that: it is reported too.

## Unsafe

```sql
CREATE EXTENSION IF NOT EXISTS pg_trgm;
```

## Safe

Create extensions where databases are provided, and let migrations rely on them.

## Lock

None on tables.

## Versions

All.

## References

- https://www.postgresql.org/docs/current/sql-createextension.html
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import Context, Group, Hazard, Rule
from lockgate.sql.parse import Node
from lockgate.types import Severity


def check(tree: Node, context: Context) -> Iterator[Hazard]:
    """CREATE EXTENSION."""
    yield Hazard(
        f"The extension {tree.get('extname', '')} is created by a migration.",
        "It needs rights and files that another server may not have.",
    )


RULE = Rule(
    id="create-extension-in-migration",
    group=Group.OBJECTS,
    severity=Severity.INFO,
    on=("CreateExtensionStmt",),
    opt_in=True,
    check=check,
    doc=__doc__,
)
