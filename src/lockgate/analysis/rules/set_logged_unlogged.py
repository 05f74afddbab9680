"""A table is switched between logged and unlogged, and written anew.

## Hazard

The whole table is copied under ACCESS EXCLUSIVE. An unlogged table is empty after a crash, and does not exist on
replicas.

## When it bites

On a table that exists already and holds rows.

## Unsafe

```sql
ALTER TABLE events SET LOGGED;
```

## Safe

```sql
CREATE TABLE events_logged (LIKE events INCLUDING ALL);
```

## Lock

ACCESS EXCLUSIVE until the table and its indexes are written anew.

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


def check(command: Node, context: Context) -> Iterator[Hazard]:
    """SET LOGGED or SET UNLOGGED of a table that others use."""
    table = context.target
    unlogged = command.get("subtype") == "AT_SetUnLogged"
    if context.is_unshared(table.name):
        return
    if not table.partial and (table.persistence == "unlogged") == unlogged:
        return
    lost = "; it is empty after a crash" if unlogged else ""
    yield Hazard(
        f"Writes all of {table.name} anew while nobody can read or write it{lost}.",
        f"ACCESS EXCLUSIVE lock on {table.name} until the table and its indexes are copied.",
    )


RULE = Rule(
    id="set-logged-unlogged",
    group=Group.TABLES,
    severity=Severity.ERROR,
    on=(
        "AT_SetLogged",
        "AT_SetUnLogged",
    ),
    check=check,
    doc=__doc__,
)
