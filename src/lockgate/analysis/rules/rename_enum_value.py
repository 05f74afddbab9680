"""A value of an enum in use gets another name.

## Hazard

From the commit on the server refuses the old name in every query of the running application, and gives the new one to
readers that have never heard of it.

## When it bites

On a type that the application uses. Add the new value, move the rows to it in batches, and deploy an application that
knows both before it writes the new one. A type of this migration is not reported.

## Unsafe

```sql
ALTER TYPE status RENAME VALUE 'open' TO 'todo';
```

## Safe

```sql
-- lockgate: no-transaction
ALTER TYPE status ADD VALUE 'todo' BEFORE 'open';
```

## Lock

None on tables.

## Versions

From 10 on.

## References

- https://www.postgresql.org/docs/current/sql-altertype.html
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import Context, Group, Hazard, Rule
from lockgate.analysis.state import names
from lockgate.sql.identifiers import QualifiedName, literal
from lockgate.sql.parse import Node
from lockgate.types import Severity


def check(tree: Node, context: Context) -> Iterator[Hazard]:
    """RENAME VALUE of an enum that others know."""
    schema, name = names.dotted(tree["typeName"])
    enum = context.state.user_type(schema, name)
    if "oldVal" not in tree or (enum is not None and enum.is_new):
        return
    old, new = tree["oldVal"], tree.get("newVal", "")
    sql = enum.name.sql if enum else QualifiedName(schema, name).sql
    added = f"ALTER TYPE {sql} ADD VALUE {literal(new)} BEFORE {literal(old)};"
    yield Hazard(
        f"{old!r} of {name} is called {new!r} from now on: queries that say {old!r} fail.",
        "The application that runs now knows only the old name; add the new value beside it and move the rows.",
        safe=added,
    )


RULE = Rule(
    id="rename-enum-value",
    group=Group.OBJECTS,
    severity=Severity.ERROR,
    on=("AlterEnumStmt",),
    since=10,
    check=check,
    doc=__doc__,
)
