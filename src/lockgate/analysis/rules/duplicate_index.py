"""An index repeats another one.

## Hazard

Two indexes with the same keys are both written by every `INSERT` and most `UPDATE`s, both vacuumed, both kept in
memory, and only one is ever used.

## When it bites

When the same columns in the same order, with the same condition, are indexed twice. The index behind a primary key or
a unique constraint counts too. Replacing an index (create the new one, drop the old one in the same file) is not
meant.

## Unsafe

```sql
CREATE INDEX CONCURRENTLY orders_total_idx ON orders (total);
CREATE INDEX CONCURRENTLY orders_by_total_idx ON orders (total);
```

## Safe

```sql
CREATE INDEX CONCURRENTLY orders_total_idx ON orders (total);
```

## Lock

None of its own.

## Versions

All.

## References

- https://www.postgresql.org/docs/current/indexes-intro.html
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import FILE_END, Context, Group, Hazard, Rule
from lockgate.analysis.rules.index_facts import is_older, made_indexes, same_keys
from lockgate.sql.parse import Node
from lockgate.types import Severity


def check(_: Node, context: Context) -> Iterator[Hazard]:
    """At the end of the file: indexes of this file that another index repeats."""
    for index, others, birth in made_indexes(context):
        older = (other for other in others if is_older(context, other, birth))
        twin = next((other for other in older if same_keys(index, other)), None)
        if twin is None or index.constraint or (index.unique and not twin.unique):
            continue
        yield Hazard(
            f"The index {index.name.name} repeats {twin.name.name} on {index.table}.",
            "Both are written by every change of the table; one of them is never used.",
            at=birth,
        )


RULE = Rule(
    id="duplicate-index",
    group=Group.INDEXES,
    severity=Severity.WARNING,
    on=(FILE_END,),
    check=check,
    doc=__doc__,
)
