"""Values of an enum can never be taken away.

## Hazard

A value can be added and renamed, not removed: getting rid of one means a new type and a rewrite of every table that
uses it.

## When it bites

When a type is made as an enum. Values that change with the business belong in a table, or in text with a CHECK.

## Unsafe

```sql
CREATE TYPE status AS ENUM ('open', 'done');
```

## Safe

```sql
CREATE TABLE tasks (id bigint PRIMARY KEY, status text NOT NULL CHECK (status IN ('open', 'done')));
```

## Lock

None.

## Versions

All.

## References

- https://www.postgresql.org/docs/current/datatype-enum.html
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import Context, Group, Hazard, Rule
from lockgate.analysis.state import names
from lockgate.sql.parse import Node
from lockgate.types import Severity


def check(tree: Node, context: Context) -> Iterator[Hazard]:
    """CREATE TYPE … AS ENUM."""
    name = ".".join(names.text(part) for part in tree["typeName"])
    yield Hazard(
        f"No value of the enum {name} can ever be removed.",
        "A value that is not wanted any more needs a new type and a rewrite of every table that uses it.",
    )


RULE = Rule(
    id="create-enum",
    group=Group.OBJECTS,
    severity=Severity.INFO,
    on=("CreateEnumStmt",),
    opt_in=True,
    check=check,
    doc=__doc__,
)
