"""A new stored generated column writes the whole table anew.

## Hazard

`GENERATED ALWAYS AS (…) STORED` computes and writes the value of every row: the table and all its indexes are written
anew under ACCESS EXCLUSIVE.

## When it bites

On a table that exists already and holds rows. A `VIRTUAL` column (18) is computed when it is read and costs nothing
to add.

## Unsafe

```sql
ALTER TABLE orders ADD COLUMN gross numeric GENERATED ALWAYS AS (net * 1.2) STORED;
```

## Safe

```sql
ALTER TABLE orders ADD COLUMN gross numeric;
```

## Lock

ACCESS EXCLUSIVE until the table and its indexes are written anew. The safe way is a plain column that a trigger
keeps, filled in chunks; on 18 a VIRTUAL column, where its limits (no index, only built-in functions) allow it.

## Versions

12 and later; VIRTUAL since 18.

## References

- https://www.postgresql.org/docs/current/ddl-generated-columns.html
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import Context, Group, Hazard, Rule
from lockgate.analysis.rules.safe import alter_table
from lockgate.analysis.state.names import type_sql
from lockgate.sql.identifiers import quote
from lockgate.sql.parse import Node, deparse_expression
from lockgate.types import Severity


def check(command: Node, context: Context) -> Iterator[Hazard]:
    """ADD COLUMN … STORED on a table that others use."""
    spec, table = context.added_column(command), context.target
    if spec is None or spec.column.generated != "stored":
        return
    plain = f"ADD COLUMN {quote(spec.name)} {type_sql(spec.column.type)}"
    if context.major >= 18:
        expression = deparse_expression(spec.column.default or {})
        safe = alter_table(table, f"{plain} GENERATED ALWAYS AS ({expression}) VIRTUAL") + ";"
    else:
        safe = (
            alter_table(table, plain) + ";\n-- then a trigger that keeps it, and a backfill of the old rows"
        )
    yield Hazard(
        f"Writes all of {table.name} anew to store {spec.name}.",
        f"ACCESS EXCLUSIVE lock on {table.name} until the table and its indexes are written anew.",
        safe=safe,
    )


RULE = Rule(
    id="add-column-stored-generated",
    group=Group.COLUMNS,
    severity=Severity.ERROR,
    on=("AT_AddColumn",),
    check=check,
    doc=__doc__,
)
