"""NOT NULL is set and every row is read while nobody can use the table.

## Hazard

`SET NOT NULL` reads the whole table for NULLs under ACCESS EXCLUSIVE. From then on an application that leaves the
column out, or writes NULL, fails.

## When it bites

On a table that exists already, unless a valid `CHECK (column IS NOT NULL)` proves what is asked (since 12). The proof
may come from an earlier file; it must be of this very column.

## Unsafe

```sql
ALTER TABLE users ALTER COLUMN email SET NOT NULL;
```

## Safe

```sql
-- lockgate: no-transaction
ALTER TABLE users ADD CONSTRAINT users_email_present CHECK (email IS NOT NULL) NOT VALID;
ALTER TABLE users VALIDATE CONSTRAINT users_email_present;
ALTER TABLE users ALTER COLUMN email SET NOT NULL;
ALTER TABLE users DROP CONSTRAINT users_email_present;
```

## Lock

ACCESS EXCLUSIVE for a full scan; with the proof for a moment. `NOT VALID` is enforced at once for every insert and
every update of an old row: fill the NULLs first, or let a trigger do it.

## Versions

The proof is used since 12; on 18 write `ADD CONSTRAINT … NOT NULL column NOT VALID` and validate that.

## References

- https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-DESC-SET-DROP-NOT-NULL
- https://www.postgresql.org/docs/release/18.0/
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import Context, Group, Hazard, Rule
from lockgate.analysis.rules.column_facts import is_proved_not_null
from lockgate.analysis.rules.safe import proved_not_null
from lockgate.sql.parse import Node
from lockgate.types import Severity


def check(command: Node, context: Context) -> Iterator[Hazard]:
    """SET NOT NULL, or NOT NULL as a constraint, of a column that may hold NULLs, as far as the history tells."""
    table, column = context.target, command.get("name", "")
    if command.get("subtype") == "AT_AddConstraint":
        spec = context.constraint(command["def"]["Constraint"])
        if spec is None or spec.kind != "not null" or spec.not_valid:
            return
        column = spec.constraint.columns[0]
    if context.is_unshared(table.name) or (context.major >= 12 and is_proved_not_null(table, column)):
        return
    yield Hazard(
        f"Reads all of {table.name} for NULLs in {column} while nobody can read or write it.",
        f"ACCESS EXCLUSIVE lock on {table.name} for a full scan; writers that leave {column} out fail afterwards.",
        safe=proved_not_null(context, table, column),
    )


RULE = Rule(
    id="set-not-null-scan",
    group=Group.COLUMNS,
    severity=Severity.ERROR,
    on=("AT_SetNotNull", "AT_AddConstraint"),
    check=check,
    doc=__doc__,
)
