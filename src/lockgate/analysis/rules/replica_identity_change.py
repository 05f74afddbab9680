"""What logical replication sends about changed rows is changed.

## Hazard

`FULL` writes every old row to the log in full, with every `UPDATE` and `DELETE`. `NOTHING` makes them fail on
published tables. Subscribers apply changes by what is sent.

## When it bites

On a table that is, or will be, in a publication (Supabase Realtime is one).

## Unsafe

```sql
ALTER TABLE orders REPLICA IDENTITY NOTHING;
```

## Safe

```sql
CREATE UNIQUE INDEX CONCURRENTLY orders_number_key ON orders (number);
```

## Lock

ACCESS EXCLUSIVE for a moment.

## Versions

All.

## References

- https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-REPLICA-IDENTITY
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import Context, Group, Hazard, Rule
from lockgate.sql.parse import Node
from lockgate.types import Severity

_EFFECTS = {
    "n": "UPDATE and DELETE fail on a published table",
    "f": "every changed row is written to the log in full",
    "i": "changes are sent by the columns of another index",
    "d": "changes are sent by the primary key",
}


def check(command: Node, context: Context) -> Iterator[Hazard]:
    """REPLICA IDENTITY of a table that others use."""
    table = context.target
    if context.is_unshared(table.name):
        return
    kind = command["def"]["ReplicaIdentityStmt"].get("identity_type", "d")
    yield Hazard(
        f"Replication of {table.name} changes: {_EFFECTS.get(kind, 'subscribers get other keys')}.",
        "Subscribers apply changes by what is sent; look at the publications of the table first.",
        severity=Severity.WARNING if kind == "n" else None,
    )


RULE = Rule(
    id="replica-identity-change",
    group=Group.TABLES,
    severity=Severity.INFO,
    on=("AT_ReplicaIdentity",),
    check=check,
    doc=__doc__,
)
