"""A column of 32 bits may overflow.

## Hazard

`integer` ends at 2,147,483,647. When a counter, an amount or a reference gets there, inserts fail, and `bigint` means
to write the whole table anew.

## When it bites

When a column is made as, or changed to, `integer` or `serial`. Arrays are not reported. Primary keys have a rule of
their own too.

## Unsafe

```sql
CREATE TABLE things (id bigint PRIMARY KEY, value integer);
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
    """A column of 32 bits."""
    for found in columns_of_type(node, context, "int4", arrays=False):
        yield Hazard(
            f"{found.name} ends at 2,147,483,647.",
            "A larger type later means to write the whole table anew; bigint costs four bytes.",
        )


RULE = Rule(
    id="prefer-bigint-over-int",
    group=Group.TYPES,
    severity=Severity.INFO,
    on=TYPED,
    opt_in=True,
    check=check,
    doc=__doc__,
)
