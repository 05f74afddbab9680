"""CREATE TABLE IF NOT EXISTS names a table that exists, and so does nothing.

## Hazard

The statement says so in a notice and changes nothing: the columns that it lists and the table has not are missing,
although the migration "succeeded".

## When it bites

When an earlier migration made the table: with other columns they will be missing; with the same ones the statement is
only idle, which is a remark.

## Unsafe

```sql
CREATE TABLE IF NOT EXISTS orders (id bigint PRIMARY KEY, currency text);
```

## Safe

```sql
ALTER TABLE orders ADD COLUMN currency text;
```

## Lock

None of its own.

## Versions

All.

## References

- https://www.postgresql.org/docs/current/sql-createtable.html
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import Context, Group, Hazard, Rule
from lockgate.analysis.rules.safe import add_column
from lockgate.sql.parse import Node
from lockgate.types import Severity


def check(create: Node, context: Context) -> Iterator[Hazard]:
    """CREATE TABLE IF NOT EXISTS of a known table; it weighs more where some of the columns are missing."""
    relation = create["relation"]
    table = context.state.relation(relation.get("schemaname", ""), relation["relname"])
    if not create.get("if_not_exists") or table is None or table.partial:
        return
    columns = [item["ColumnDef"] for item in create.get("tableElts", ()) if "ColumnDef" in item]
    missing = [column for column in columns if table.column(column.get("colname", "")) is None]
    if missing:
        names = ", ".join(column.get("colname", "") for column in missing)
        yield Hazard(
            f"{table.name} exists already: nothing happens, and {names} will be missing.",
            "IF NOT EXISTS looks at the name only. Change the table with ALTER TABLE.",
            safe="\n".join(f"{add_column(table, column)};" for column in missing),
        )
    else:
        yield Hazard(
            f"{table.name} exists already: nothing happens.",
            "IF NOT EXISTS looks at the name only: what else differs stays as it is.",
            severity=Severity.INFO,
        )


RULE = Rule(
    id="create-table-if-not-exists-noop",
    group=Group.TABLES,
    severity=Severity.WARNING,
    on=("CreateStmt",),
    check=check,
    doc=__doc__,
)
