"""A foreign key column may be NULL.

## Hazard

A NULL passes every foreign key: the row points to nothing, and every join loses it.

## When it bites

As a house rule, for projects that model optional references in tables of their own.

## Unsafe

```sql
CREATE TABLE notes (id bigint PRIMARY KEY, user_id bigint REFERENCES users (id));
```

## Safe

```sql
CREATE TABLE notes (id bigint PRIMARY KEY, user_id bigint NOT NULL REFERENCES users (id));
```

## Lock

None of its own.

## Versions

All.

## References

- https://www.postgresql.org/docs/current/ddl-constraints.html#DDL-CONSTRAINTS-FK
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import FILE_END, Context, Group, Hazard, Rule
from lockgate.analysis.rules.foreign_key_facts import made_foreign_keys
from lockgate.sql.parse import Node
from lockgate.types import Severity


def check(_: Node, context: Context) -> Iterator[Hazard]:
    """At the end of the file: foreign keys of this file with a nullable column."""
    for table, key, birth in made_foreign_keys(context):
        for name in key.columns:
            column = table.column(name)
            if column is not None and not column.not_null:
                yield Hazard(
                    f"{table.name}.{name} references {key.references} and may be NULL.",
                    "A NULL passes the foreign key and points to nothing.",
                    at=birth,
                )


RULE = Rule(
    id="forbid-nullable-fk",
    group=Group.CONSTRAINTS,
    severity=Severity.INFO,
    on=(FILE_END,),
    opt_in=True,
    check=check,
    doc=__doc__,
)
