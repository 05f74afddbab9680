"""A column of 16 bits may overflow.

## Hazard

`smallint` ends at 32,767, and padding often eats what it saves. Changing it means to write the whole table anew.

## When it bites

When a column is made as, or changed to, `smallint` or `smallserial`. Arrays are not reported.

## Unsafe

```sql
CREATE TABLE things (id bigint PRIMARY KEY, value smallint);
```

## Safe

```sql
CREATE TABLE things (id bigint PRIMARY KEY, value bigint);
```

## Lock

None of its own.

## Versions

All.

## References

- https://www.postgresql.org/docs/current/datatype-numeric.html
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import Context, Group, Hazard, Rule
from lockgate.analysis.rules.type_facts import TYPED, columns_of_type
from lockgate.sql.parse import Node
from lockgate.types import Severity


def check(node: Node, context: Context) -> Iterator[Hazard]:
    """A column of 16 bits."""
    for found in columns_of_type(node, context, "int2", arrays=False):
        yield Hazard(
            f"{found.name} ends at 32,767.",
            "A larger type later means to write the whole table anew.",
        )


RULE = Rule(
    id="prefer-bigint-over-smallint",
    group=Group.TYPES,
    severity=Severity.INFO,
    on=TYPED,
    opt_in=True,
    check=check,
    doc=__doc__,
)
