"""The lock_timeout comes after the statement that needs it.

## Hazard

A time-out limits only the waiting that comes after it: the strong lock above it was waited for without one.

## When it bites

When a file sets lock_timeout, and a statement before it blocks writers of a table in use. Where the runner has set
one from the start it does no harm: then it is a remark for those who select the rule.

## Unsafe

```sql
ALTER TABLE orders ADD COLUMN shop_id bigint;
SET lock_timeout = '2s';
```

## Safe

```sql
SET lock_timeout = '2s';
ALTER TABLE orders ADD COLUMN shop_id bigint;
```

## Lock

That of the statement before.

## Versions

All.

## References

- https://www.postgresql.org/docs/current/runtime-config-client.html#GUC-LOCK-TIMEOUT
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import Context, Group, Hazard, Rule
from lockgate.analysis.rules.guarding import lock_severity, takes_strong_lock
from lockgate.analysis.settings import changes
from lockgate.sql.parse import Node, Statement
from lockgate.types import Severity


def check(tree: Node, context: Context) -> Iterator[Hazard]:
    """The first lock_timeout of the file, behind a strong lock."""
    if not any(
        change.name == "lock_timeout" and change.value for change in changes(context.statement.kind, tree)
    ):
        return
    severity = lock_severity(context, RULE)
    before = context.source.script.statements[: context.statement.index]
    if severity is None or any(_sets(statement) for statement in before):
        return
    late = next((statement for statement in before if takes_strong_lock(context, statement)), None)
    if late is not None:
        yield Hazard(
            f"The lock_timeout comes too late for the statement in line {late.line}.",
            "That lock was waited for without a limit; set the time-out at the top of the file.",
            safe="" if context.nested else f"{context.statement.sql};\n{late.sql};",
            severity=severity,
        )


def _sets(statement: Statement) -> bool:
    return any(change.name == "lock_timeout" for change in changes(statement.kind, statement.tree))


RULE = Rule(
    id="lock-timeout-after-statement",
    group=Group.TRANSACTIONS,
    severity=Severity.WARNING,
    on=(
        "VariableSetStmt",
        "SelectStmt",
    ),
    check=check,
    doc=__doc__,
)
