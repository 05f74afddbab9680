"""A schema is dropped.

## Hazard

Everything that names it fails: queries, search paths, functions, grants, other people's scripts.

## When it bites

On a schema that exists already. Without `CASCADE` it must be empty.

## Unsafe

```sql
DROP SCHEMA reporting;
```

## Safe

```sql
REVOKE ALL ON SCHEMA reporting FROM PUBLIC;
```

## Lock

None on tables: an empty schema holds none.

## Versions

All.

## References

- https://www.postgresql.org/docs/current/sql-dropschema.html
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import Context, Group, Hazard, Rule
from lockgate.analysis.state import names
from lockgate.sql.parse import Node
from lockgate.types import Severity


def check(drop: Node, context: Context) -> Iterator[Hazard]:
    """DROP SCHEMA without CASCADE."""
    if drop.get("behavior") == "DROP_CASCADE":
        return
    for item in drop.get("objects", ()):
        name = names.text(item)
        if not context.is_of_this_file("schema", name):
            yield Hazard(
                f"Drops the schema {name}.",
                "Whatever names it fails: search paths, functions, grants, scripts outside the migrations.",
            )


RULE = Rule(
    id="drop-schema",
    group=Group.TABLES,
    severity=Severity.ERROR,
    on=("DropStmt/OBJECT_SCHEMA",),
    check=check,
    doc=__doc__,
)
