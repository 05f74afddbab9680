"""A column has no default.

## Hazard

A writer that does not know the column cannot insert, or leaves NULL behind.

## When it bites

As a house rule, for projects in which old and new writers run side by side for long. Keys of other tables and primary
keys are not meant.

## Unsafe

```sql
CREATE TABLE notes (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, title text);
```

## Safe

```sql
CREATE TABLE notes (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, title text DEFAULT '');
```

## Lock

None of its own.

## Versions

All.

## References

- https://www.postgresql.org/docs/current/ddl-default.html
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import FILE_END, Context, Group, Hazard, Rule
from lockgate.analysis.rules.column_facts import made_columns
from lockgate.sql.parse import Node
from lockgate.types import Severity


def check(_: Node, context: Context) -> Iterator[Hazard]:
    """At the end of the file: columns of this file without a default, keys apart."""
    for table, column, birth in made_columns(context):
        keys = {
            name for c in table.constraints if c.kind in ("primary key", "foreign key") for name in c.columns
        }
        if column.default or column.identity or column.generated or column.name in keys:
            continue
        yield Hazard(
            f"{table.name}.{column.name} has no default.",
            "The project's own rule: a writer that does not know the column must be able to insert.",
            at=birth,
        )


RULE = Rule(
    id="column-requires-default",
    group=Group.COLUMNS,
    severity=Severity.INFO,
    on=(FILE_END,),
    opt_in=True,
    check=check,
    doc=__doc__,
)
