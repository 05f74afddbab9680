"""A column changes its type, and the whole table is written anew.

## Hazard

Unless the stored values can stay as they are, `ALTER COLUMN … TYPE` writes the table and all its indexes anew under
ACCESS EXCLUSIVE. Prepared statements and the application's own idea of the type break at the same moment.

## When it bites

On a table that exists already. Harmless are changes that only widen: `varchar(20)` to `varchar(50)` or `text`,
`numeric(10,2)` to `numeric(12,2)`, `timestamp` to `timestamptz` while TimeZone is UTC.

## Unsafe

```sql
ALTER TABLE orders ALTER COLUMN id TYPE bigint;
```

## Safe

```sql
ALTER TABLE orders ADD COLUMN id_new bigint;
```

## Lock

ACCESS EXCLUSIVE until the table and its indexes are written anew. The safe way is a new column that a trigger keeps
in step, a backfill, and a short exchange: `lockgate plan` writes the phases.

## Versions

`timestamp` to `timestamptz` in UTC without a rewrite since 12.

## References

- https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-NOTES
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import Context, Group, Hazard, Rule
from lockgate.analysis.rules.safe import alter_table
from lockgate.analysis.state.names import type_sql
from lockgate.sql.identifiers import derived_name, quote
from lockgate.sql.parse import Node
from lockgate.types import Severity


def check(command: Node, context: Context) -> Iterator[Hazard]:
    """ALTER COLUMN … TYPE that writes the table anew, as far as the old type is known."""
    table, name = context.target, command.get("name", "")
    if context.is_unshared(table.name):
        return
    new = context.column(command["def"]["ColumnDef"]).column.type
    old = table.column(name)
    lock = context.lock_of(command)
    if old is not None and (lock is None or not lock.rewrite):
        return
    was = f" from {type_sql(old.type)}" if old else ""
    parallel = alter_table(table, f"ADD COLUMN {quote(derived_name(name, 'new'))} {type_sql(new)}")
    yield Hazard(
        f"Writes all of {table.name} anew to turn {name}{was} into {type_sql(new)}.",
        f"ACCESS EXCLUSIVE lock on {table.name} until the table and its indexes are written anew.",
        safe=f"{parallel};\n-- then a trigger that keeps it, a backfill, and an exchange of names: lockgate plan",
    )


RULE = Rule(
    id="change-column-type",
    group=Group.COLUMNS,
    severity=Severity.ERROR,
    on=("AT_AlterColumnType",),
    check=check,
    doc=__doc__,
)
