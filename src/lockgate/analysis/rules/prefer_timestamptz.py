"""A time without its zone is ambiguous.

## Hazard

`timestamp` stores what a clock showed, not a moment: the same value means another moment for a session in another
zone, and an hour is repeated each autumn.

## When it bites

When a column is made as, or changed to, `timestamp` without time zone.

## Unsafe

```sql
CREATE TABLE things (id bigint PRIMARY KEY, value timestamp);
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

- https://wiki.postgresql.org/wiki/Don%27t_Do_This#Don.27t_use_timestamp_.28without_time_zone.29
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import Context, Group, Hazard, Rule
from lockgate.analysis.rules.type_facts import TYPED, columns_of_type
from lockgate.sql.parse import Node
from lockgate.types import Severity


def check(node: Node, context: Context) -> Iterator[Hazard]:
    """timestamp without time zone."""
    for found in columns_of_type(node, context, "timestamp"):
        yield Hazard(
            f"{found.name} is a time without its zone.",
            "It names no moment: another session reads another one; use timestamptz.",
        )


RULE = Rule(
    id="prefer-timestamptz",
    group=Group.TYPES,
    severity=Severity.INFO,
    on=TYPED,
    opt_in=True,
    check=check,
    doc=__doc__,
)
