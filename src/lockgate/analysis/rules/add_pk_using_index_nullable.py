"""A primary key over a ready index still reads the whole table, because its columns may be NULL.

## Hazard

`ADD PRIMARY KEY USING INDEX` makes its columns NOT NULL. Where they are not, the server reads the whole table for
NULLs under ACCESS EXCLUSIVE, which was the very thing to avoid.

## When it bites

When a column of the index is neither NOT NULL nor proved by a valid `CHECK (column IS NOT NULL)`.

## Unsafe

```sql
CREATE UNIQUE INDEX CONCURRENTLY logs_pkey ON logs (id);
ALTER TABLE logs ADD CONSTRAINT logs_pkey PRIMARY KEY USING INDEX logs_pkey;
```

## Safe

```sql
-- lockgate: no-transaction
ALTER TABLE logs ADD CONSTRAINT logs_id_present CHECK (id IS NOT NULL) NOT VALID;
ALTER TABLE logs VALIDATE CONSTRAINT logs_id_present;
ALTER TABLE logs ALTER COLUMN id SET NOT NULL;
CREATE UNIQUE INDEX CONCURRENTLY logs_pkey ON logs (id);
ALTER TABLE logs ADD CONSTRAINT logs_pkey PRIMARY KEY USING INDEX logs_pkey;
```

## Lock

ACCESS EXCLUSIVE for a full scan; without one when the columns are NOT NULL.

## Versions

All; a valid CHECK is accepted as the proof since 12.

## References

- https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-DESC-ADD-TABLE-CONSTRAINT-USING-INDEX
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import Context, Group, Hazard, Rule
from lockgate.analysis.rules.column_facts import is_proved_not_null
from lockgate.analysis.rules.safe import not_null_online, one_by_one
from lockgate.sql.parse import Node
from lockgate.types import Severity


def check(command: Node, context: Context) -> Iterator[Hazard]:
    """PRIMARY KEY USING INDEX over columns that may be NULL, as far as the history tells."""
    spec = context.constraint(command["def"]["Constraint"])
    table = context.target
    if spec is None or spec.kind != "primary key" or not spec.using_index or context.is_unshared(table.name):
        return
    index = next((index for index in table.indexes if index.name.name == spec.using_index), None)
    keys = [key.column for key in index.keys] if index else []
    nullable = [name for name in keys if table.column(name) and not is_proved_not_null(table, name)]
    if not nullable:
        return
    steps = [step for name in nullable for step in not_null_online(context, table, name)]
    yield Hazard(
        f"Reads all of {table.name} for NULLs in {', '.join(nullable)} while nobody can read or write it.",
        f"ACCESS EXCLUSIVE lock on {table.name} for a full scan: the primary key makes its columns NOT NULL.",
        safe=one_by_one(context, *steps, context.statement.sql),
    )


RULE = Rule(
    id="add-pk-using-index-nullable",
    group=Group.CONSTRAINTS,
    severity=Severity.ERROR,
    on=("AT_AddConstraint",),
    check=check,
    doc=__doc__,
)
