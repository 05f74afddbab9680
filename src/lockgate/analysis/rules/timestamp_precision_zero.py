"""A time is rounded, and may lie in the future.

## Hazard

`timestamp(0)` and `timestamptz(0)` round to the nearest second: a row written half a second before the full one is
dated after now().

## When it bites

When a column is made with, or changed to, a precision of zero. Use `date_trunc` where whole seconds are shown.

## Unsafe

```sql
CREATE TABLE things (id bigint PRIMARY KEY, value timestamptz(0));
```

## Safe

```sql
CREATE TABLE things (id bigint PRIMARY KEY, value timestamptz);
```

## Lock

None of its own.

## Versions

All.

## References

- https://wiki.postgresql.org/wiki/Don%27t_Do_This#Don.27t_use_timestamp.280.29_or_timestamptz.280.29
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import Context, Group, Hazard, Rule
from lockgate.analysis.rules.type_facts import TYPED, columns_of_type
from lockgate.sql.parse import Node
from lockgate.types import Severity


def check(node: Node, context: Context) -> Iterator[Hazard]:
    """A precision of zero."""
    for found in columns_of_type(node, context, "timestamp", "timestamptz"):
        if found.type.modifiers != (0,):
            continue
        yield Hazard(
            f"{found.name} is rounded to whole seconds, and so may lie in the future.",
            "Store the whole moment and cut it with date_trunc where it is shown.",
        )


RULE = Rule(
    id="timestamp-precision-zero",
    group=Group.TYPES,
    severity=Severity.INFO,
    on=TYPED,
    check=check,
    doc=__doc__,
)
