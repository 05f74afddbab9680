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
from lockgate.sql.parse import Node, Statement
from lockgate.types import Severity


def check(_: Node, context: Context) -> Iterator[Hazard]:
    """An ALTER TABLE behind another one of the same table and with the same lock."""
    table = context.target.name
    before = None if context.nested or context.is_unshared(table) else _before(context)
    if before is None:
        return
    earlier = forecast(before, context.state, context.major).lock_on(str(table))
    mine = next((lock for lock in context.locks if lock.relation == str(table)), None)
    if earlier and mine and earlier.mode is mine.mode:
        yield Hazard(
            f"This and {_words(before, context)} change {table} under the same lock; they could be one.",
            "Each ALTER TABLE queues for its lock anew.",
        )


def _before(context: Context) -> Statement | None:
    """The ALTER TABLE of the same table before, with nothing between them but ALTER TABLE of other tables."""
    for statement in reversed(context.source.script.statements[: context.statement.index]):
        if statement.kind != "AlterTableStmt":
            return None
        if context.name(statement.tree["relation"]) == context.target.name:
            return statement
    return None


def _words(before: Statement, context: Context) -> str:
    near = before.index == context.statement.index - 1
    return "the statement before" if near else f"the statement in line {before.start.line}"


RULE = Rule(
    id="multiple-alter-table",
    group=Group.TABLES,
    severity=Severity.INFO,
    on=("AlterTableStmt",),
    opt_in=True,
    check=check,
    doc=__doc__,
)
