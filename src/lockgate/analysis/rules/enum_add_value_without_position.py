"""A new value of an enum goes to the end of its order.

## Hazard

Enums compare in the order of their values: without `BEFORE` or `AFTER` the new one is the largest, and the order
cannot be changed later.

## When it bites

When the order means something: `ORDER BY`, `>=` and indexes follow it.

## Unsafe

```sql
ALTER TYPE status ADD VALUE 'late';
```

## Safe

```sql
ALTER TYPE status ADD VALUE 'late' BEFORE 'done';
```

## Lock

None.

## Versions

All.

## References

- https://www.postgresql.org/docs/current/sql-altertype.html
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import Context, Group, Hazard, Rule
from lockgate.analysis.state import names
from lockgate.sql.parse import Node
from lockgate.types import Severity


def check(tree: Node, context: Context) -> Iterator[Hazard]:
    """ADD VALUE without BEFORE or AFTER."""
    if "oldVal" in tree or "newValNeighbor" in tree:
        return
    enum = names.dotted(tree["typeName"])[1]
    yield Hazard(
        f"{tree.get('newVal', '')!r} becomes the largest value of {enum}.",
        "Enums sort and compare in this order, and it cannot be changed later; say BEFORE or AFTER.",
    )


RULE = Rule(
    id="enum-add-value-without-position",
    group=Group.OBJECTS,
    severity=Severity.INFO,
    on=("AlterEnumStmt",),
    opt_in=True,
    check=check,
    doc=__doc__,
)
