"""SET LOCAL outside a transaction does nothing.

## Hazard

It holds until the end of the transaction, and without one that is its own statement: the server warns, and the
time-out, role or search path that was meant is not in force.

## When it bites

Where statements are not in a transaction block: psql and sqitch without `BEGIN`, files that ask not to be wrapped,
and the Supabase CLI, whose transaction is none for this purpose. A `set_config` with `true` as its third argument is
the same.

## Unsafe

```sql
-- lockgate: no-transaction
SET LOCAL lock_timeout = '2s';
ALTER TABLE orders ADD COLUMN colour text;
```

## Safe

```sql
-- lockgate: no-transaction
SET lock_timeout = '2s';
ALTER TABLE orders ADD COLUMN colour text;
```

## Lock

None of its own.

## Versions

All.

## References

- https://www.postgresql.org/docs/current/sql-set.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lockgate.analysis.rules.base import Context, Group, Hazard, Rule
from lockgate.analysis.settings import changes
from lockgate.sql.parse import Node
from lockgate.types import Severity


def check(tree: Node, context: Context) -> Iterator[Hazard]:
    """SET LOCAL, or set_config for the transaction, where there is no transaction block."""
    if context.session.in_block or context.nested:
        return
    for change in changes(context.statement.kind, tree):
        by_function = context.statement.kind == "SelectStmt"
        if change.local and not (by_function and context.transaction.is_block):
            yield Hazard(
                f"{change.name} is not set: SET LOCAL works only in a transaction block.",
                "The server warns and goes on without it.",
                safe="" if by_function else _for_session(context.statement.sql),
            )


def _for_session(sql: str) -> str:
    changed, count = re.subn(r"^SET\s+LOCAL\b", "SET", sql, flags=re.IGNORECASE)
    return f"{changed};" if count else ""


RULE = Rule(
    id="set-local-outside-transaction",
    group=Group.TRANSACTIONS,
    severity=Severity.WARNING,
    on=(
        "VariableSetStmt",
        "SelectStmt",
    ),
    check=check,
    doc=__doc__,
)
