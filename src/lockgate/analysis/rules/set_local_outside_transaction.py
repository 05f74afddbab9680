"""A time-out is not in force where it looks as if it were.

## Hazard

SET LOCAL holds until the end of the transaction, and without one that is its own statement: the server warns, and
the time-out, role or search path that was meant is not in force. `SET lock_timeout = 0` and a RESET in front of the
statement that needs it switch the limit off, and look like a file that has one.

## When it bites

Where statements are not in a transaction block: psql and sqitch without `BEGIN`, files that ask not to be wrapped,
and the Supabase CLI, whose transaction is none for this purpose. A `set_config` with `true` as its third argument is
the same. A lock_timeout that is taken away is told when a strong lock on a table in use comes before the next one.

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
from lockgate.analysis.rules.guarding import takes_strong_lock
from lockgate.analysis.settings import changes, milliseconds
from lockgate.sql.parse import Node, Statement
from lockgate.types import Severity


def check(tree: Node, context: Context) -> Iterator[Hazard]:
    """SET LOCAL, or set_config for the transaction, where there is no transaction block."""
    yield from _switched_off(tree, context)
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


def _switched_off(tree: Node, context: Context) -> Iterator[Hazard]:
    """A lock_timeout of 0 (which another rule tells unasked), or taken back, in front of a strong lock."""
    for change in changes(context.statement.kind, tree):
        off = change.value is not None and milliseconds(change.value) == 0
        if change.name not in ("lock_timeout", "all") or context.nested or not (off or change.value is None):
            continue
        late = _unguarded(context)
        if late is not None and (context.is_selected(RULE) or not off):
            yield Hazard(
                f"No lock_timeout is in force for the statement in line {late.line}.",
                "It waits without a limit, and everything that wants the table waits behind it.",
            )


def _unguarded(context: Context) -> Statement | None:
    for statement in context.source.script.statements[context.statement.index + 1 :]:
        if any(change.name == "lock_timeout" for change in changes(statement.kind, statement.tree)):
            return None
        if takes_strong_lock(context, statement):
            return statement
    return None


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
        "DiscardStmt",
    ),
    check=check,
    doc=__doc__,
)
