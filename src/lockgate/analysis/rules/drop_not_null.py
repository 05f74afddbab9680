"""A column may be NULL from now on, and readers may not expect it.

## Hazard

Code that was right as long as the column was required (a type without `None`, a join, a unique index) meets NULL for
the first time.

## When it bites

On a table that exists already. The way back needs a scan, and clean data.

## Unsafe

```sql
ALTER TABLE users ALTER COLUMN email DROP NOT NULL;
```

## Safe

```sql
ALTER TABLE users ALTER COLUMN email SET DEFAULT '';
```

## Lock

ACCESS EXCLUSIVE for a moment.

## Versions

All.

## References

- https://www.postgresql.org/docs/current/sql-altertable.html
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import Context, Group, Hazard, Rule
from lockgate.analysis.state.names import generated_name
from lockgate.sql.parse import Node
from lockgate.types import Severity


def check(command: Node, context: Context) -> Iterator[Hazard]:
    """DROP NOT NULL of a column that is, or may be, NOT NULL; from 18 on its constraint can be dropped by name."""
    table, name = context.target, command.get("name", "")
    if command.get("subtype") == "AT_DropConstraint":
        name = _column_of_constraint(context, name)
        if not name:
            return
    column = table.column(name)
    if context.is_unshared(table.name) or (column is not None and not column.not_null and not table.partial):
        return
    yield Hazard(
        f"{table.name}.{name} may be NULL from now on.",
        "Readers that rely on a value meet NULL for the first time; the way back needs a scan and clean data.",
    )


def _column_of_constraint(context: Context, name: str) -> str:
    """The column of a NOT NULL constraint, by its own name or by the one that the server gives."""
    table = context.target
    found = table.constraint(name)
    if found is not None:
        return found.columns[0] if found.kind == "not null" and found.columns else ""
    required = [column.name for column in table.columns if column.not_null] if context.major >= 18 else []
    return next(
        (column for column in required if generated_name(table.name.name, column, "not_null") == name), ""
    )


RULE = Rule(
    id="drop-not-null",
    group=Group.COLUMNS,
    severity=Severity.INFO,
    on=("AT_DropNotNull", "AT_DropConstraint"),
    check=check,
    doc=__doc__,
)
