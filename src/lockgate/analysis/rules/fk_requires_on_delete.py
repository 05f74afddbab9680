"""A foreign key does not say what happens on delete.

## Hazard

Without an action the server refuses the delete (`NO ACTION`), which may be meant, or may be the first error report of
a user who closes an account.

## When it bites

As a house rule: a reader sees that somebody has thought about it.

## Unsafe

```sql
CREATE TABLE notes (id bigint PRIMARY KEY, user_id bigint REFERENCES users (id));
```

## Safe

```sql
CREATE TABLE notes (id bigint PRIMARY KEY, user_id bigint REFERENCES users (id) ON DELETE RESTRICT);
```

## Lock

None of its own.

## Versions

All.

## References

- https://www.postgresql.org/docs/current/ddl-constraints.html#DDL-CONSTRAINTS-FK
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lockgate.analysis.rules.base import Context, Group, Hazard, Rule
from lockgate.sql.parse import Node
from lockgate.types import Severity

_NO_ACTION = re.compile(r"\bON\s+DELETE\s+NO\s+ACTION\b", re.IGNORECASE)
"""The tree is the same with and without these words; a statement that says them once is taken to mean them."""


def check(node: Node, context: Context) -> Iterator[Hazard]:
    """A foreign key without ON DELETE."""
    spec = context.constraint(node)
    if spec is None or spec.kind != "foreign key" or spec.constraint.on_delete:
        return
    if not _NO_ACTION.search(context.statement.sql):
        yield Hazard(
            f"The foreign key to {spec.constraint.references} does not say what happens on delete.",
            "State it: RESTRICT, SET NULL or CASCADE.",
        )


RULE = Rule(
    id="fk-requires-on-delete",
    group=Group.CONSTRAINTS,
    severity=Severity.INFO,
    inside=("Constraint",),
    opt_in=True,
    check=check,
    doc=__doc__,
)
