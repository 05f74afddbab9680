"""A column gets another name while the old application still asks for the old one.

## Hazard

Every query of the running application that names the column fails from that moment, and until the new release runs
everywhere. Going back breaks the new one.

## When it bites

On a table or view that exists already. Keep both: a new column that a trigger keeps in step, or the table under a new
name with a view in its place.

## Unsafe

```sql
ALTER TABLE users RENAME COLUMN name TO full_name;
```

## Safe

```sql
ALTER TABLE users ADD COLUMN full_name text;
```

## Lock

ACCESS EXCLUSIVE for a moment. `lockgate plan` writes the phases.

## Versions

All.

## References

- https://www.postgresql.org/docs/current/sql-altertable.html
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import Context, Group, Hazard, Rule
from lockgate.analysis.rules.safe import alter_table
from lockgate.analysis.state.names import type_sql
from lockgate.sql.identifiers import quote
from lockgate.sql.parse import Node
from lockgate.types import Severity


def check(rename: Node, context: Context) -> Iterator[Hazard]:
    """RENAME COLUMN on something that others use."""
    table, old, new = context.target, rename.get("subname", ""), rename.get("newname", "")
    if context.is_unshared(table.name) or context.is_of_this_file("column", table.name, old):
        return
    column = table.column(old)
    beside = ""
    if column is not None and column.type.name.name and table.kind in ("table", "partitioned table"):
        beside = alter_table(table, f"ADD COLUMN {quote(new)} {type_sql(column.type)}") + ";\n"
        beside += f"-- then a trigger that keeps {old} and {new} in step, a backfill, the new release: lockgate plan"
    yield Hazard(
        f"Renames {table.name}.{old} to {new}: an application that names {old} fails at once.",
        "Old and new releases run side by side during a deployment; one of them is always wrong.",
        safe=beside,
    )


RULE = Rule(
    id="rename-column",
    group=Group.COLUMNS,
    severity=Severity.ERROR,
    on=("RenameStmt/OBJECT_COLUMN",),
    check=check,
    doc=__doc__,
)
