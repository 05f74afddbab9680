"""A new trigger waits for every writer of its table, and every writer waits behind it.

## Hazard

`CREATE TRIGGER` is quick, but it needs SHARE ROW EXCLUSIVE: it waits for all open transactions that have written to
the table, and all writes that come later queue up behind it.

## When it bites

On a table in use, where no lock_timeout is in force. A runner that sets one itself and tries again, as Lockgate does,
takes the danger away: then it is a remark for those who select the rule. A table of this migration is not reported.

## Unsafe

```sql
CREATE TRIGGER orders_touch_again BEFORE UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION touch();
```

## Safe

```sql
SET lock_timeout = '2s';
CREATE TRIGGER orders_touch_again BEFORE UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION touch();
```

## Lock

SHARE ROW EXCLUSIVE on the table (and on its partitions for a row trigger), for a moment.

## Versions

All.

## References

- https://www.postgresql.org/docs/current/sql-createtrigger.html
- https://www.postgresql.org/docs/current/explicit-locking.html
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import Context, Group, Hazard, Rule
from lockgate.analysis.rules.guarding import lock_severity, with_lock_timeout
from lockgate.sql.parse import Node
from lockgate.types import Severity


def check(_: Node, context: Context) -> Iterator[Hazard]:
    """A trigger on a table that others use, without a limit to the waiting."""
    table, severity = context.target.name, lock_severity(context, RULE)
    if severity is None or context.is_unshared(table):
        return
    yield Hazard(
        f"Writers of {table} queue up while CREATE TRIGGER waits for its lock.",
        f"SHARE ROW EXCLUSIVE lock on {table}: behind one long transaction all writes wait.",
        safe=with_lock_timeout(context),
        severity=severity,
    )


RULE = Rule(
    id="create-trigger",
    group=Group.OBJECTS,
    severity=Severity.WARNING,
    on=("CreateTrigStmt",),
    check=check,
    doc=__doc__,
)
