"""Switching triggers on or off waits for every writer of the table, and every writer waits behind it.

## Hazard

`ALTER TABLE … ENABLE | DISABLE TRIGGER` is quick, but it needs SHARE ROW EXCLUSIVE: it waits for all open
transactions that have written to the table, and all writes that come later queue up behind it. While a trigger is
off, what it keeps up to date goes stale for everybody, not only for the migration.

## When it bites

On a table in use, where no lock_timeout is in force. A runner that sets one itself and tries again, as Lockgate does,
takes the danger away: then it is a remark for those who select the rule. A table of this migration is not reported.

## Unsafe

```sql
ALTER TABLE orders DISABLE TRIGGER orders_touch;
```

## Safe

```sql
SET lock_timeout = '2s';
ALTER TABLE orders DISABLE TRIGGER orders_touch;
```

## Lock

SHARE ROW EXCLUSIVE on the table, for a moment.

## Versions

All.

## References

- https://www.postgresql.org/docs/current/sql-altertable.html
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import Context, Group, Hazard, Rule
from lockgate.analysis.rules.guarding import lock_severity, with_lock_timeout
from lockgate.sql.parse import Node
from lockgate.types import Severity


def check(command: Node, context: Context) -> Iterator[Hazard]:
    """Triggers of a table that others use switched, without a limit to the waiting."""
    table, severity = context.target.name, lock_severity(context, RULE)
    if severity is None or context.is_unshared(table):
        return
    off = "Disable" in command.get("subtype", "")
    yield Hazard(
        f"Writers of {table} queue up while its triggers are switched {'off' if off else 'on'}.",
        f"SHARE ROW EXCLUSIVE lock on {table}"
        + (
            "; until they are on again, they are off for everybody."
            if off
            else ": behind one long transaction all wait."
        ),
        safe=with_lock_timeout(context),
        severity=severity,
    )


RULE = Rule(
    id="enable-disable-trigger",
    group=Group.OBJECTS,
    severity=Severity.WARNING,
    on=(
        "AT_EnableTrig",
        "AT_EnableAlwaysTrig",
        "AT_EnableReplicaTrig",
        "AT_DisableTrig",
        "AT_EnableTrigAll",
        "AT_DisableTrigAll",
        "AT_EnableTrigUser",
        "AT_DisableTrigUser",
    ),
    check=check,
    doc=__doc__,
)
