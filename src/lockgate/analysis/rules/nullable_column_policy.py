"""A column may be NULL.

## Hazard

A third state that every reader must think of: comparisons with NULL are neither true nor false, and a boolean has
three values.

## When it bites

As a house rule, for projects that want every column required or defaulted.

## Unsafe

```sql
CREATE TABLE notes (id bigint PRIMARY KEY, done boolean);
```

## Safe

```sql
CREATE TABLE notes (id bigint PRIMARY KEY, done boolean NOT NULL DEFAULT false);
```

## Lock

None of its own.

## Versions

All.

## References

- https://www.postgresql.org/docs/current/functions-comparison.html
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import FILE_END, Context, Group, Hazard, Rule
from lockgate.analysis.rules.column_facts import made_columns
from lockgate.sql.parse import Node
from lockgate.types import Severity


def check(_: Node, context: Context) -> Iterator[Hazard]:
    """At the end of the file: columns of this file that may be NULL."""
    for table, column, birth in made_columns(context):
        if not column.not_null and not column.generated:
            three = ", so that it has three values" if column.type.name.name == "bool" else ""
            yield Hazard(
                f"{table.name}.{column.name} may be NULL{three}.",
                "The project's own rule: columns are NOT NULL, with a default where there is one.",
                at=birth,
            )


RULE = Rule(
    id="nullable-column-policy",
    group=Group.COLUMNS,
    severity=Severity.INFO,
    on=(FILE_END,),
    opt_in=True,
    check=check,
    doc=__doc__,
)
