"""Every row of a table is updated in one transaction.

## Hazard

Each row stays locked until the last one is written, every row is written a second time (twice the size, and as much
log for the replicas to read), and a failure at the end begins all over again.

## When it bites

When `UPDATE` has no WHERE, or one that is always true, on a table that exists already. An update that Lockgate runs
in chunks (`-- lockgate: backfill`) and tables of this migration are not reported. In the body of a function
it is a remark.

## Unsafe

```sql
UPDATE orders SET total = total * 100;
```

## Safe

```sql
-- lockgate: backfill
UPDATE orders SET total = total * 100;
```

## Lock

Row locks on the whole table until the end of the transaction.

## Versions

All.

## References

- https://www.postgresql.org/docs/current/sql-update.html
- https://www.postgresql.org/docs/current/routine-vacuuming.html
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.chunking import reason_against_chunks
from lockgate.analysis.rules.base import Context, Group, Hazard, Rule
from lockgate.analysis.rules.data_facts import changed_as_a_whole
from lockgate.sql.parse import Node
from lockgate.types import Severity


def check(_: Node, context: Context) -> Iterator[Hazard]:
    """UPDATE of every row of a table in use."""
    for tree, table in changed_as_a_whole(context, "UpdateStmt"):
        alone = tree is context.tree and not context.nested and context.session.runner.name == "lockgate"
        in_chunks = alone and reason_against_chunks(context.statement, context.state) is None
        yield Hazard(
            f"Every row of {table} is written anew and stays locked until the end.",
            "The table doubles in size, replicas fall behind, and writers wait; update in chunks.",
            safe=f"-- lockgate: backfill\n{context.statement.sql};" if in_chunks else "",
        )


RULE = Rule(
    id="update-without-where",
    group=Group.DATA,
    severity=Severity.WARNING,
    on=(
        "UpdateStmt",
        "SelectStmt",
        "InsertStmt",
        "DeleteStmt",
    ),
    called=True,
    check=check,
    doc=__doc__,
)
