"""The primary key is dropped.

## Hazard

Foreign keys that point to it go too (or forbid the drop), upserts that name its columns fail, logical replication can
no longer tell rows apart and refuses `UPDATE` and `DELETE`, and PostgREST loses the resource.

## When it bites

At once. Exchanging the key in one statement, with an index that was built before, leaves no gap and is not reported.

## Unsafe

```sql
ALTER TABLE orders DROP CONSTRAINT orders_pkey;
```

## Safe

```sql
CREATE UNIQUE INDEX CONCURRENTLY orders_new_pkey ON orders (new_id);
ALTER TABLE orders DROP CONSTRAINT orders_pkey, ADD CONSTRAINT orders_new_pkey PRIMARY KEY USING INDEX orders_new_pkey;
```

## Lock

ACCESS EXCLUSIVE for a moment.

## Versions

All.

## References

- https://www.postgresql.org/docs/current/logical-replication-publication.html
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import Context, Group, Hazard, Rule
from lockgate.sql.parse import Node
from lockgate.types import Severity


def check(command: Node, context: Context) -> Iterator[Hazard]:
    """A dropped primary key, by the history or by its usual name, without a new one in the same statement."""
    table, name = context.target, command.get("name", "")
    constraint = table.constraint(name)
    is_key = constraint.kind == "primary key" if constraint else table.partial and name.endswith("_pkey")
    if not is_key or context.is_unshared(table.name) or _is_exchanged(context.tree):
        return
    yield Hazard(
        f"Drops the primary key of {table.name}.",
        "Upserts, logical replication and foreign keys rely on it; exchange it in one statement.",
    )


def _is_exchanged(statement: Node) -> bool:
    commands = [item["AlterTableCmd"] for item in statement.get("cmds", ())]
    return any(
        command.get("subtype") == "AT_AddConstraint" and command["def"]["Constraint"].get("indexname")
        for command in commands
    )


RULE = Rule(
    id="drop-primary-key",
    group=Group.CONSTRAINTS,
    severity=Severity.ERROR,
    on=("AT_DropConstraint",),
    check=check,
    doc=__doc__,
)
