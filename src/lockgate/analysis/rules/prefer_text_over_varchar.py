"""A limit of length is a part of the type.

## Hazard

`varchar(n)` is stored like `text`; making the limit smaller reads or writes the whole table, and rows that are longer
stop the migration. A CHECK can be added and taken away online.

## When it bites

When a column is made as, or changed to, `varchar` with a length. Without one it is the same as `text` and not
reported.

## Unsafe

```sql
CREATE TABLE things (id bigint PRIMARY KEY, value varchar(80));
```

## Safe

```sql
CREATE TABLE things (id bigint PRIMARY KEY, value text);
```

## Lock

None of its own.

## Versions

All.

## References

- https://wiki.postgresql.org/wiki/Don%27t_Do_This#Don.27t_use_varchar.28n.29_by_default
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import Context, Group, Hazard, Rule
from lockgate.analysis.rules.type_facts import TYPED, columns_of_type
from lockgate.sql.parse import Node
from lockgate.types import Severity


def check(node: Node, context: Context) -> Iterator[Hazard]:
    """varchar with a length."""
    for found in columns_of_type(node, context, "varchar"):
        if not found.type.modifiers:
            continue
        yield Hazard(
            f"{found.name} is {found.type_sql}.",
            "Use text, with a CHECK of its length where that matters: a CHECK can be changed online.",
        )


RULE = Rule(
    id="prefer-text-over-varchar",
    group=Group.TYPES,
    severity=Severity.INFO,
    on=TYPED,
    opt_in=True,
    check=check,
    doc=__doc__,
)
