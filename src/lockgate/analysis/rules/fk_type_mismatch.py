"""A foreign key compares columns of different types.

## Hazard

Every lookup casts one side. The index of the other table may not be used, the smaller type overflows first (an
`integer` that points to a `bigint` key), and joins are planned badly.

## When it bites

When the types are compared by different operators: `integer` and `bigint`, `uuid` and `text`. `varchar` and `text`
are compared alike and are not reported.

## Unsafe

```sql
ALTER TABLE orders ADD COLUMN seller_id integer REFERENCES users (id);
```

## Safe

```sql
ALTER TABLE orders ADD COLUMN seller_id bigint REFERENCES users (id);
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
from lockgate.analysis.state.names import type_sql
from lockgate.analysis.type_changes import same_order
from lockgate.sql.parse import Node
from lockgate.types import Severity


def check(_: Node, context: Context) -> Iterator[Hazard]:
    """At the end of the file: foreign keys of this file whose column types differ."""
    for table, key, birth in made_foreign_keys(context):
        target = context.state.known(key.references) if key.references else None
        pairs = zip(key.columns, key.referenced_columns, strict=False)
        for here, there in pairs:
            mine, theirs = table.column(here), target.column(there) if target else None
            if mine is None or theirs is None or same_order(mine.type, theirs.type, context.state):
                continue
            yield Hazard(
                f"{table.name}.{here} is {type_sql(mine.type)}, "
                f"but {key.references}.{there} is {type_sql(theirs.type)}.",
                "Every lookup casts one side; an index may not be used, and the smaller type overflows first.",
                at=birth,
            )


RULE = Rule(
    id="fk-type-mismatch",
    group=Group.CONSTRAINTS,
    severity=Severity.WARNING,
    on=(FILE_END,),
    check=check,
    doc=__doc__,
)
