"""Changing one key rewrites others, without a word.

## Hazard

`ON UPDATE CASCADE` lets one `UPDATE` of a key rewrite any number of rows in other tables.

## When it bites

Where keys change. A key that never changes (an identity, a UUID) needs no such action.

## Unsafe

```sql
CREATE TABLE notes (id bigint PRIMARY KEY, user_id bigint REFERENCES users (id) ON UPDATE CASCADE);
```

## Safe

```sql
CREATE TABLE notes (id bigint PRIMARY KEY, user_id bigint REFERENCES users (id));
```

## Lock

Row locks on everything that is rewritten, until the end of the transaction.

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
    """ON UPDATE CASCADE."""
    spec = context.constraint(node)
    if spec is not None and spec.constraint.on_update == "cascade":
        yield Hazard(
            f"Changing a key of {spec.constraint.references} rewrites the rows that point to it.",
            "Use a key that never changes.",
        )


RULE = Rule(
    id="fk-cascade-update",
    group=Group.CONSTRAINTS,
    severity=Severity.INFO,
    inside=("Constraint",),
    opt_in=True,
    check=check,
    doc=__doc__,
)
