"""A json column has no equality, and queries that need one fail.

## Hazard

`json` keeps the text as it came. It cannot be compared: `SELECT DISTINCT`, `GROUP BY`, `UNION` and `ORDER BY` over
all columns, as ORMs write them, fail with "could not identify an equality operator for type json". Nor can it be
indexed.

## When it bites

As soon as such a query meets the column.

## Unsafe

```sql
ALTER TABLE orders ADD COLUMN extra json;
```

## Safe

```sql
ALTER TABLE orders ADD COLUMN extra jsonb;
```

## Lock

None of its own.

## Versions

All.

## References

- https://www.postgresql.org/docs/current/datatype-json.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lockgate.analysis.rules.base import Context, Group, Hazard, Rule
from lockgate.analysis.state.names import PG_CATALOG
from lockgate.sql.parse import Node
from lockgate.types import Severity


def check(node: Node, context: Context) -> Iterator[Hazard]:
    """A column of type json, in CREATE TABLE, ADD COLUMN or ALTER COLUMN … TYPE."""
    if context.statement.kind not in ("CreateStmt", "AlterTableStmt", "CreateForeignTableStmt"):
        return
    spec = context.column(node)
    if (spec.column.type.name.schema, spec.column.type.name.name) == (PG_CATALOG, "json"):
        yield Hazard(
            f"The column {spec.name or 'in question'} of {context.target.name} is json, which has no equality.",
            "SELECT DISTINCT, GROUP BY and UNION over it fail; jsonb compares and can be indexed.",
            safe=_with_jsonb(context) if context.statement.kind == "AlterTableStmt" else "",
        )


def _with_jsonb(context: Context) -> str:
    sql, replaced = re.subn(r"\bjson\b", "jsonb", context.statement.sql, flags=re.IGNORECASE)
    return f"{sql};" if replaced == 1 else ""


RULE = Rule(
    id="add-json-column",
    group=Group.COLUMNS,
    severity=Severity.WARNING,
    inside=("ColumnDef",),
    check=check,
    doc=__doc__,
)
