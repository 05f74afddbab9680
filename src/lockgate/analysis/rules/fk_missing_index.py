"""A foreign key has no index on the referencing side.

## Hazard

Every `DELETE` and every key change of a referenced row looks for rows that point to it. Without an index each of
these reads the whole referencing table, and holds its locks as long.

## When it bites

When no index begins with the columns of the key. An index that covers them among its first columns, in any order, is
enough; so is a primary key.

## Unsafe

```sql
ALTER TABLE orders ADD COLUMN shop_id bigint REFERENCES shops (id);
```

## Safe

```sql
ALTER TABLE orders ADD COLUMN shop_id bigint REFERENCES shops (id);
CREATE INDEX CONCURRENTLY orders_shop_id_idx ON orders (shop_id);
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

from lockgate.analysis.rules.base import HISTORY_END, Context, Group, Hazard, Rule
from lockgate.analysis.rules.foreign_key_facts import has_index, index_for, new_foreign_keys
from lockgate.sql.parse import Node
from lockgate.types import Severity


def check(_: Node, context: Context) -> Iterator[Hazard]:
    """At the end of all files: foreign keys of theirs without an index, whichever file would have brought it."""
    for table, key, birth in new_foreign_keys(context):
        if has_index(table, key) or table.is_partition:
            continue
        births = [context.state.birth("column", table.name, name) for name in key.columns]
        added = all(found is not None and found.unit == birth.unit for found in births)
        certain = not table.partial or added
        yield Hazard(
            f"No index on {table.name} begins with ({', '.join(key.columns)}), which references {key.references}."
            if certain
            else f"No index on {table.name} ({', '.join(key.columns)}) is known for the key to {key.references}.",
            f"Each delete in {key.references} reads the whole of {table.name}.",
            safe=index_for(context, table, key, birth),
            at=birth,
            severity=None if certain else Severity.INFO,
        )


RULE = Rule(
    id="fk-missing-index",
    group=Group.CONSTRAINTS,
    severity=Severity.WARNING,
    on=(HISTORY_END,),
    check=check,
    doc=__doc__,
)
