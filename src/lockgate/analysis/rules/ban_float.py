"""A column holds numbers that are not exact.

## Hazard

`real` and `double precision` are binary fractions: 0.1 + 0.2 is not 0.3, sums depend on their order, and equality
fails.

## When it bites

When a column is made as, or changed to, `real`, `float` or `double precision`. For measurements they are right:
ignore the rule there.

## Unsafe

```sql
CREATE TABLE things (id bigint PRIMARY KEY, value double precision);
```

## Safe

```sql
CREATE TABLE things (id bigint PRIMARY KEY, value numeric);
```

## Lock

None of its own.

## Versions

All.

## References

- https://www.postgresql.org/docs/current/datatype-numeric.html#DATATYPE-FLOAT
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import Context, Group, Hazard, Rule
from lockgate.analysis.rules.type_facts import TYPED, columns_of_type
from lockgate.sql.parse import Node
from lockgate.types import Severity


def check(node: Node, context: Context) -> Iterator[Hazard]:
    """real and double precision."""
    for found in columns_of_type(node, context, "float4", "float8"):
        yield Hazard(
            f"{found.name} is {found.type_sql}, which is not exact.",
            "Sums depend on their order and equality fails; use numeric where a number is exact.",
        )


RULE = Rule(
    id="ban-float",
    group=Group.TYPES,
    severity=Severity.INFO,
    on=TYPED,
    opt_in=True,
    check=check,
    doc=__doc__,
)
