"""The file begins a transaction and does not end it.

## Hazard

When the session ends the server rolls everything back. psql and the Supabase CLI end with success all the same: the
migration seems to have run, and nothing of it is there.

## When it bites

When no `COMMIT`, `END` or `ROLLBACK` follows the last `BEGIN` of a file.

## Unsafe

```sql
-- lockgate: no-transaction
BEGIN;
ALTER TABLE orders ADD COLUMN colour text;
```

## Safe

```sql
-- lockgate: no-transaction
BEGIN;
ALTER TABLE orders ADD COLUMN colour text;
COMMIT;
```

## Lock

That of its statements, until the session ends.

## Versions

All.

## References

- https://www.postgresql.org/docs/current/tutorial-transactions.html
- https://github.com/supabase/cli/issues/5047
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import FILE_END, Context, Group, Hazard, Rule
from lockgate.sql.parse import Node, Statement
from lockgate.types import Severity

_BEGIN = frozenset({"TRANS_STMT_BEGIN", "TRANS_STMT_START"})
_END = frozenset({"TRANS_STMT_COMMIT", "TRANS_STMT_ROLLBACK", "TRANS_STMT_PREPARE"})


def check(_: Node, context: Context) -> Iterator[Hazard]:
    """At the end of the file: a BEGIN of the file is still open."""
    opened: Statement | None = None
    for statement in context.source.script.statements:
        if statement.kind == "TransactionStmt":
            kind = statement.tree.get("kind", "TRANS_STMT_BEGIN")
            if kind in _BEGIN:
                opened = opened or statement
            elif kind in _END and not statement.tree.get("chain"):
                opened = None
    if opened is not None:
        yield Hazard(
            "This transaction is never committed: everything in it is lost when the session ends.",
            "The Supabase CLI says Finished and applies nothing."
            if context.session.runner.name == "supabase"
            else "The runner may report success all the same.",
            at=opened,
        )


RULE = Rule(
    id="uncommitted-transaction",
    group=Group.TRANSACTIONS,
    severity=Severity.ERROR,
    on=(FILE_END,),
    check=check,
    doc=__doc__,
)
