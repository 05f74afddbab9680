"""An exclusion constraint builds its index while nobody can use the table, and there is no online way.

## Hazard

`ADD CONSTRAINT … EXCLUDE` builds an index and tests every row against every other under ACCESS EXCLUSIVE. Neither
`NOT VALID` nor `USING INDEX` exists for it.

## When it bites

On a table that exists already and holds rows. Put the constraint on a new table and move the rows over in chunks, or
take a maintenance window.

## Unsafe

```sql
ALTER TABLE bookings ADD CONSTRAINT bookings_overlap EXCLUDE USING gist (during WITH &&);
```

## Safe

```sql
CREATE TABLE bookings_new (LIKE bookings INCLUDING ALL);
ALTER TABLE bookings_new ADD CONSTRAINT bookings_new_overlap EXCLUDE USING gist (during WITH &&);
```

## Lock

ACCESS EXCLUSIVE for the length of an index build.

## Versions

All.

## References

- https://www.postgresql.org/docs/current/sql-createtable.html#SQL-CREATETABLE-EXCLUDE
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import Context, Group, Hazard, Rule
from lockgate.sql.parse import Node
from lockgate.types import Severity


def check(command: Node, context: Context) -> Iterator[Hazard]:
    """EXCLUDE on a table that others use."""
    spec = context.constraint(command["def"]["Constraint"])
    table = context.target
    if spec is not None and spec.kind == "exclude" and not context.is_unshared(table.name):
        yield Hazard(
            f"Builds an exclusion constraint on {table.name} while nobody can read or write it.",
            f"ACCESS EXCLUSIVE lock on {table.name} until every row is tested; there is no online form.",
        )


RULE = Rule(
    id="add-exclusion-constraint",
    group=Group.CONSTRAINTS,
    severity=Severity.ERROR,
    on=("AT_AddConstraint",),
    check=check,
    doc=__doc__,
)
