"""A serial column keeps a sequence that is not quite its own.

## Hazard

`serial` makes a sequence with rights of its own: whoever may insert needs rights on it too, `LIKE` shares it, and a
value given by hand is not noticed until it collides.

## When it bites

When a column is made as `serial`, `bigserial` or `smallserial`.

## Unsafe

```sql
CREATE TABLE things (id bigserial PRIMARY KEY);
```

## Safe

```sql
CREATE TABLE things (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY);
```

## Lock

None of its own.

## Versions

From 10 on.

## References

- https://wiki.postgresql.org/wiki/Don%27t_Do_This#Don.27t_use_serial
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import Context, Group, Hazard, Rule
from lockgate.analysis.rules.type_facts import typed_columns
from lockgate.sql.parse import Node
from lockgate.types import Severity


def check(node: Node, context: Context) -> Iterator[Hazard]:
    """serial types."""
    for found in typed_columns(node, context):
        if found.column is not None and found.column.serial:
            yield Hazard(
                f"{found.name} is a serial.",
                f"Its sequence needs grants of its own; {found.type_sql} GENERATED ALWAYS AS IDENTITY does not.",
            )


RULE = Rule(
    id="prefer-identity",
    group=Group.TYPES,
    severity=Severity.INFO,
    on=(
        "CreateStmt",
        "AT_AddColumn",
    ),
    opt_in=True,
    since=10,
    check=check,
    doc=__doc__,
)
