"""A constraint has no name of its own.

## Hazard

The server makes one up, from the table and the columns as they are called then. After a rename, or on another server,
the name differs from what a later `DROP CONSTRAINT` expects.

## When it bites

As a house rule, for table constraints and `ADD CONSTRAINT`.

## Unsafe

```sql
ALTER TABLE orders ADD CHECK (total >= 0) NOT VALID;
```

## Safe

```sql
ALTER TABLE orders ADD CONSTRAINT orders_total_not_negative CHECK (total >= 0) NOT VALID;
```

## Lock

None of its own.

## Versions

All.

## References

- https://www.postgresql.org/docs/current/ddl-constraints.html
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import Context, Group, Hazard, Rule
from lockgate.analysis.rules.safe import name_of
from lockgate.sql.parse import Node
from lockgate.types import Severity


def check(node: Node, context: Context) -> Iterator[Hazard]:
    """A table constraint without a name."""
    found = [node["def"]] if "def" in node else node.get("tableElts", [])
    for item in found:
        spec = context.constraint(item["Constraint"]) if "Constraint" in item else None
        if spec is None or spec.constraint.name or spec.using_index:
            continue
        name = name_of(context.state, context.target, spec)
        yield Hazard(
            f"A {spec.kind} constraint of {context.target.name} has no name; the server will call it {name}.",
            "Name it, so that a later migration can drop it by that name everywhere.",
        )


RULE = Rule(
    id="unnamed-constraint",
    group=Group.CONSTRAINTS,
    severity=Severity.INFO,
    on=(
        "AT_AddConstraint",
        "CreateStmt",
    ),
    opt_in=True,
    check=check,
    doc=__doc__,
)
