"""A primary key has several columns.

## Hazard

Every foreign key to it repeats all its columns, every API has to carry them, and none of them can change.

## When it bites

As a house rule (`columns` in the rule's settings is the largest number allowed, 1). Join tables are the usual
exception.

## Unsafe

```sql
CREATE TABLE tags (a bigint, b bigint, PRIMARY KEY (a, b));
```

## Safe

```sql
CREATE TABLE tags (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, a bigint, b bigint, UNIQUE (a, b));
```

## Lock

None of its own.

## Versions

All.

## References

- https://www.postgresql.org/docs/current/ddl-constraints.html#DDL-CONSTRAINTS-PRIMARY-KEYS
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import Context, Group, Hazard, Rule
from lockgate.sql.parse import Node
from lockgate.types import Severity


def check(node: Node, context: Context) -> Iterator[Hazard]:
    """A primary key with more columns than allowed."""
    largest = context.setting("composite-primary-key", "columns", 1)
    found = [node["def"]] if "def" in node else node.get("tableElts", [])
    for item in found:
        spec = context.constraint(item["Constraint"]) if "Constraint" in item else None
        if spec is not None and spec.kind == "primary key" and len(spec.constraint.columns) > largest:
            yield Hazard(
                f"The primary key of {context.target.name} has {len(spec.constraint.columns)} columns.",
                "Every foreign key and every API has to carry all of them.",
            )


RULE = Rule(
    id="composite-primary-key",
    group=Group.CONSTRAINTS,
    severity=Severity.INFO,
    on=(
        "CreateStmt",
        "AT_AddConstraint",
    ),
    opt_in=True,
    check=check,
    doc=__doc__,
    settings={"columns": int},
)
