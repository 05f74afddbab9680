"""Several ALTER TABLE of one table could be one.

## Hazard

Each of them queues for the lock anew (unless one transaction holds it anyway), and each that reads or writes the
table does so again.

## When it bites

When statements that take the same lock on the same table stand one behind the other. Those that must be apart (`NOT
VALID` and `VALIDATE`) take different locks and are not meant.

## Unsafe

```sql
ALTER TABLE orders ADD COLUMN a integer;
ALTER TABLE orders ADD COLUMN b integer;
```

## Safe

```sql
ALTER TABLE orders ADD COLUMN a integer, ADD COLUMN b integer;
```

## Lock

The same lock, as often as there are statements.

## Versions

All.

## References

- https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-NOTES
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.locks import forecast
from lockgate.analysis.rules.base import Context, Group, Hazard, Rule
from lockgate.sql.parse import Node
from lockgate.types import Severity


def check(_: Node, context: Context) -> Iterator[Hazard]:
    """An ALTER TABLE behind another one of the same table and with the same lock."""
    at, table = context.statement.index, context.target.name
    before = context.source.script.statements[at - 1] if at and not context.nested else None
    if before is None or before.kind != "AlterTableStmt" or context.is_unshared(table):
        return
    if context.name(before.tree["relation"]) != table:
        return
    earlier = forecast(before, context.state, context.major).lock_on(str(table))
    mine = next((lock for lock in context.locks if lock.relation == str(table)), None)
    if earlier and mine and earlier.mode is mine.mode:
        yield Hazard(
            f"This and the statement before change {table} under the same lock; they could be one.",
            "Each ALTER TABLE queues for its lock anew.",
        )


RULE = Rule(
    id="multiple-alter-table",
    group=Group.TABLES,
    severity=Severity.INFO,
    on=("AlterTableStmt",),
    opt_in=True,
    check=check,
    doc=__doc__,
)
