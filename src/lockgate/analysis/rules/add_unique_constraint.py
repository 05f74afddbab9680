"""A unique constraint builds its index while nobody can use the table.

## Hazard

`ADD CONSTRAINT … UNIQUE (…)` builds an index under ACCESS EXCLUSIVE: even reads wait until it is complete.

## When it bites

On a table that exists already. `USING INDEX` takes over an index that was built concurrently, in a moment. A
partitioned table knows no `USING INDEX`; there the constraint is made on the parent alone and the indexes of the
partitions are attached.

## Unsafe

```sql
ALTER TABLE users ADD CONSTRAINT users_email_key UNIQUE (email);
```

## Safe

```sql
CREATE UNIQUE INDEX CONCURRENTLY users_email_key ON users (email);
ALTER TABLE users ADD CONSTRAINT users_email_key UNIQUE USING INDEX users_email_key;
```

## Lock

ACCESS EXCLUSIVE for the length of an index build. The safe way builds under SHARE UPDATE EXCLUSIVE and then takes
ACCESS EXCLUSIVE for a moment.

## Versions

All.

## References

- https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-DESC-ADD-TABLE-CONSTRAINT-USING-INDEX
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import Context, Group, Hazard, Rule
from lockgate.analysis.rules.safe import key_online
from lockgate.sql.parse import Node
from lockgate.types import Severity


def check(command: Node, context: Context) -> Iterator[Hazard]:
    """UNIQUE without USING INDEX on a table that others use."""
    spec = context.constraint(command["def"]["Constraint"])
    table = context.target
    if spec is None or spec.kind != "unique" or spec.using_index or context.is_unshared(table.name):
        return
    if table.kind == "partitioned table" and not context.tree["relation"].get("inh"):
        return
    yield Hazard(
        f"Builds a unique index on {table.name} while nobody can read or write it.",
        f"ACCESS EXCLUSIVE lock on {table.name} until the index is complete.",
        safe=key_online(context, table, spec),
    )


RULE = Rule(
    id="add-unique-constraint",
    group=Group.CONSTRAINTS,
    severity=Severity.ERROR,
    on=("AT_AddConstraint",),
    check=check,
    doc=__doc__,
)
