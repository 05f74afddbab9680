"""Dropping a trigger waits for everybody who uses the table, and everybody waits behind it.

## Hazard

`DROP TRIGGER` is quick, but it needs ACCESS EXCLUSIVE: it waits for every open transaction that has so much as read
the table, and all reads and writes that come later queue up behind it.

## When it bites

On a table in use, where no lock_timeout is in force. A runner that sets one itself and tries again, as Lockgate does,
takes the danger away: then it is a remark for those who select the rule. A table of this migration is not reported.

## Unsafe

```sql
DROP TRIGGER orders_touch ON orders;
```

## Safe

```sql
SET lock_timeout = '2s';
DROP TRIGGER orders_touch ON orders;
```

## Lock

ACCESS EXCLUSIVE on the table, for a moment.

## Versions

All.

## References

- https://www.postgresql.org/docs/current/sql-droptrigger.html
- https://www.postgresql.org/docs/current/explicit-locking.html
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import Context, Group, Hazard, Rule
from lockgate.analysis.rules.guarding import lock_severity, with_lock_timeout
from lockgate.analysis.state import names
from lockgate.analysis.view import Relation
from lockgate.sql.parse import Node
from lockgate.types import Severity


def check(drop: Node, context: Context) -> Iterator[Hazard]:
    """A trigger dropped from a table that others use, without a limit to the waiting."""
    severity = lock_severity(context, RULE)
    if severity is None:
        return
    for item in drop.get("objects", ()):
        schema, name, trigger = names.table_and_object(item)
        table = context.state.known(context.state.relation_name(schema, name))
        missing = drop.get("missing_ok") and not table.partial and trigger not in _triggers(table)
        if missing or context.is_unshared(table.name):
            continue
        yield Hazard(
            f"Everybody who uses {table.name} queues up while DROP TRIGGER waits for its lock.",
            f"ACCESS EXCLUSIVE lock on {table.name}: behind one long query all reads and writes wait.",
            safe=with_lock_timeout(context),
            severity=severity,
        )


def _triggers(table: Relation) -> set[str]:
    return {trigger.name for trigger in table.triggers}


RULE = Rule(
    id="drop-trigger",
    group=Group.OBJECTS,
    severity=Severity.WARNING,
    on=("DropStmt/OBJECT_TRIGGER",),
    check=check,
    doc=__doc__,
)
