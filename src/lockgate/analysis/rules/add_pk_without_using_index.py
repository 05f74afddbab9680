"""A primary key builds its index and tests its columns while nobody can use the table.

## Hazard

`ADD PRIMARY KEY (…)` reads the table for NULLs and builds a unique index, both under ACCESS EXCLUSIVE.

## When it bites

On a table that exists already.

## Unsafe

```sql
ALTER TABLE logs ADD CONSTRAINT logs_pkey PRIMARY KEY (id);
```

## Safe

```sql
-- lockgate: no-transaction
ALTER TABLE logs ADD CONSTRAINT logs_id_present CHECK (id IS NOT NULL) NOT VALID;
ALTER TABLE logs VALIDATE CONSTRAINT logs_id_present;
ALTER TABLE logs ALTER COLUMN id SET NOT NULL;
ALTER TABLE logs DROP CONSTRAINT logs_id_present;
CREATE UNIQUE INDEX CONCURRENTLY logs_pkey ON logs (id);
ALTER TABLE logs ADD CONSTRAINT logs_pkey PRIMARY KEY USING INDEX logs_pkey;
```

## Lock

ACCESS EXCLUSIVE for a scan and an index build.

## Versions

All; on 18 a `NOT NULL … NOT VALID` constraint takes the place of the CHECK.

## References

- https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-DESC-ADD-TABLE-CONSTRAINT-USING-INDEX
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import Context, Group, Hazard, Rule
from lockgate.analysis.rules.column_facts import is_not_null
from lockgate.analysis.rules.safe import key_online, not_null_online, one_by_one, unmarked
from lockgate.sql.parse import Node
from lockgate.types import Severity


def check(command: Node, context: Context) -> Iterator[Hazard]:
    """PRIMARY KEY without USING INDEX on a table that others use."""
    spec = context.constraint(command["def"]["Constraint"])
    table = context.target
    if spec is None or spec.kind != "primary key" or spec.using_index or context.is_unshared(table.name):
        return
    if table.kind == "partitioned table" and not context.tree["relation"].get("inh"):
        return
    nullable = [name for name in spec.constraint.columns if not is_not_null(table, name)]
    steps = [step for name in nullable for step in not_null_online(context, table, name)]
    yield Hazard(
        f"Builds the primary key of {table.name} while nobody can read or write it.",
        f"ACCESS EXCLUSIVE lock on {table.name} while it is read for NULLs and the index is built.",
        safe=one_by_one(context, *steps, unmarked(context, key_online(context, table, spec))),
    )


RULE = Rule(
    id="add-pk-without-using-index",
    group=Group.CONSTRAINTS,
    severity=Severity.ERROR,
    on=("AT_AddConstraint",),
    check=check,
    doc=__doc__,
)
