"""Deleting one row deletes others, without a word.

## Hazard

`ON DELETE CASCADE` lets one `DELETE` remove any number of rows in other tables, in one transaction, under row locks
that are held until the end. A mistake with one row costs all that hangs on it.

## When it bites

Wherever rows are deleted by hand, by a clean-up job or by an account closure.

## Unsafe

```sql
CREATE TABLE notes (id bigint PRIMARY KEY, user_id bigint REFERENCES users (id) ON DELETE CASCADE);
```

## Safe

```sql
CREATE TABLE notes (id bigint PRIMARY KEY, user_id bigint REFERENCES users (id) ON DELETE RESTRICT);
```

## Lock

Row locks on everything that is deleted, until the end of the transaction.

## Versions

All.

## References

- https://www.postgresql.org/docs/current/ddl-constraints.html#DDL-CONSTRAINTS-FK
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import Context, Group, Hazard, Rule
from lockgate.sql.parse import Node
from lockgate.types import Severity


def check(node: Node, context: Context) -> Iterator[Hazard]:
    """ON DELETE CASCADE."""
    spec = context.constraint(node)
    if spec is not None and spec.constraint.on_delete == "cascade":
        yield Hazard(
            f"Deleting a row of {spec.constraint.references} deletes the rows that point to it.",
            "One DELETE can remove any number of rows; RESTRICT or SET NULL makes it visible.",
        )


RULE = Rule(
    id="fk-cascade-delete",
    group=Group.CONSTRAINTS,
    severity=Severity.INFO,
    inside=("Constraint",),
    opt_in=True,
    check=check,
    doc=__doc__,
)
