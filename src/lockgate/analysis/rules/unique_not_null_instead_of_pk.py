"""A table has a unique, required column and no primary key.

## Hazard

It has all that a primary key is, except that nothing knows: replication, ORMs and PostgREST look for the primary key.

## When it bites

When a `UNIQUE` constraint covers columns that are all `NOT NULL`.

## Unsafe

```sql
CREATE TABLE currencies (code text NOT NULL UNIQUE, name text);
```

## Safe

```sql
CREATE TABLE currencies (code text PRIMARY KEY, name text);
```

## Lock

None of its own.

## Versions

All.

## References

- https://www.postgresql.org/docs/current/ddl-constraints.html#DDL-CONSTRAINTS-PRIMARY-KEYS
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import FILE_END, Context, Group, Hazard, Rule
from lockgate.analysis.rules.column_facts import is_not_null, made_tables
from lockgate.sql.parse import Node
from lockgate.types import Severity


def check(_: Node, context: Context) -> Iterator[Hazard]:
    """At the end of the file: tables of this file whose unique constraint could be the primary key."""
    for table, birth in made_tables(context):
        if table.is_partition or any(c.kind == "primary key" for c in table.constraints):
            continue
        for constraint in table.constraints:
            if constraint.kind == "unique" and all(is_not_null(table, name) for name in constraint.columns):
                yield Hazard(
                    f"{table.name} ({', '.join(constraint.columns)}) is unique and NOT NULL, but not the primary key.",
                    "Replication, ORMs and PostgREST look for the primary key.",
                    at=birth,
                )
                break


RULE = Rule(
    id="unique-not-null-instead-of-pk",
    group=Group.TABLES,
    severity=Severity.INFO,
    on=(FILE_END,),
    check=check,
    doc=__doc__,
)
