"""A table has no primary key.

## Hazard

Logical replication refuses `UPDATE` and `DELETE` on it, PostgREST cannot address a row, a backfill cannot walk it,
and duplicates cannot be told apart.

## When it bites

On every table that lives longer than the migration. A key that is added later in the same file counts.

## Unsafe

```sql
CREATE TABLE logs (at timestamptz, message text);
```

## Safe

```sql
CREATE TABLE logs (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, at timestamptz, message text);
```

## Lock

None of its own.

## Versions

All.

## References

- https://www.postgresql.org/docs/current/ddl-constraints.html#DDL-CONSTRAINTS-PRIMARY-KEYS
- https://www.postgresql.org/docs/current/logical-replication-publication.html
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import FILE_END, Context, Group, Hazard, Rule
from lockgate.analysis.rules.column_facts import made_tables
from lockgate.sql.parse import Node
from lockgate.types import Severity


def check(_: Node, context: Context) -> Iterator[Hazard]:
    """At the end of the file: tables of this file without a primary key."""
    for table, birth in made_tables(context):
        if table.partial or table.is_partition or any(c.kind == "primary key" for c in table.constraints):
            continue
        yield Hazard(
            f"{table.name} has no primary key.",
            "Logical replication, PostgREST and backfills need one to tell rows apart.",
            at=birth,
        )


RULE = Rule(
    id="create-table-without-pk",
    group=Group.TABLES,
    severity=Severity.WARNING,
    on=(FILE_END,),
    check=check,
    doc=__doc__,
)
