"""Before PostgreSQL 12 a value cannot be added to an enum in a transaction.

## Hazard

The server refuses `ALTER TYPE … ADD VALUE` in a transaction block (SQLSTATE 25001), and the migration fails.

## When it bites

On servers before 12, between `BEGIN` and `COMMIT` and in every file that the runner wraps. From 12 on it works, but
the value must not be used before the commit: that has a rule of its own.

## Unsafe

```sql
BEGIN;
ALTER TYPE status ADD VALUE 'late';
COMMIT;
```

## Safe

```sql
-- lockgate: no-transaction
ALTER TYPE status ADD VALUE 'late';
```

## Lock

None: the statement fails.

## Versions

Up to 11.

## References

- https://www.postgresql.org/docs/11/sql-altertype.html
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import Context, Group, Hazard, Rule
from lockgate.sql.parse import Node
from lockgate.types import Severity


def check(tree: Node, context: Context) -> Iterator[Hazard]:
    """ADD VALUE in a transaction block."""
    if "oldVal" in tree or not (context.transaction.is_block or context.nested):
        return
    marker = "" if context.nested else context.session.runner.marker
    yield Hazard(
        f"The value {tree.get('newVal', '')!r} cannot be added in a transaction: the server refuses it.",
        "SQLSTATE 25001; nothing of the transaction is kept.",
        safe=f"{marker}\n{context.statement.sql};" if marker and not context.transaction.by_file else "",
    )


RULE = Rule(
    id="enum-add-value-in-transaction",
    group=Group.OBJECTS,
    severity=Severity.ERROR,
    on=("AlterEnumStmt",),
    until=11,
    check=check,
    doc=__doc__,
)
