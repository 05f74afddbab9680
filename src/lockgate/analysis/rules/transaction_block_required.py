"""A statement that works only in a transaction block stands outside of one.

## Hazard

`LOCK TABLE`, `SAVEPOINT` and a cursor without `WITH HOLD` are refused outside a transaction block (SQLSTATE 25P01),
and the migration fails.

## When it bites

Where statements are not in a block: psql and sqitch without `BEGIN`, files that ask not to be wrapped, and the
Supabase CLI, which sends a file without `BEGIN` and relies on the transaction that the server makes of it.

## Unsafe

```sql
-- lockgate: no-transaction
SAVEPOINT before_orders;
```

## Safe

```sql
SAVEPOINT before_orders;
```

## Lock

None: the statement fails.

## Versions

All.

## References

- https://www.postgresql.org/docs/current/sql-lock.html
- https://www.postgresql.org/docs/current/sql-savepoint.html
- https://github.com/supabase/cli/issues/6347
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import Context, Group, Hazard, Rule
from lockgate.sql.parse import Node
from lockgate.types import Severity

_SAVEPOINTS = {
    "TRANS_STMT_SAVEPOINT": "SAVEPOINT",
    "TRANS_STMT_ROLLBACK_TO": "ROLLBACK TO SAVEPOINT",
    "TRANS_STMT_RELEASE": "RELEASE SAVEPOINT",
}
_WITH_HOLD = 1 << 5


def check(tree: Node, context: Context) -> Iterator[Hazard]:
    """LOCK TABLE, SAVEPOINT and DECLARE where there is no transaction block."""
    if context.session.in_block or context.nested:
        return
    what = _SAVEPOINTS.get(tree.get("kind", ""), "")
    implicit_serves = context.transaction.is_block and context.session.runner.name != "supabase"
    if context.statement.kind == "LockStmt" and not implicit_serves:
        what = "LOCK TABLE"
    elif context.statement.kind == "DeclareCursorStmt" and not implicit_serves:
        what = "" if tree.get("options", 0) & _WITH_HOLD else "DECLARE CURSOR"
    if what:
        yield Hazard(
            f"{what} works only in a transaction block: the server refuses it.",
            "SQLSTATE 25P01; the migration fails.",
            safe=f"BEGIN;\n{context.statement.sql};\nCOMMIT;" if what == "LOCK TABLE" else "",
        )


RULE = Rule(
    id="transaction-block-required",
    group=Group.TRANSACTIONS,
    severity=Severity.ERROR,
    on=(
        "LockStmt",
        "TransactionStmt",
        "DeclareCursorStmt",
    ),
    check=check,
    doc=__doc__,
)
