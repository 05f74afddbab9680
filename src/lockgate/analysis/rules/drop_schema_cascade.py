"""A schema is dropped with everything in it.

## Hazard

All its tables and their data, views, functions and types, and what depends on them in other schemas. Only a backup
brings it back.

## When it bites

On every schema that is not empty.

## Unsafe

```sql
DROP SCHEMA reporting CASCADE;
```

## Safe

```sql
DROP VIEW reporting.totals;
```

## Lock

ACCESS EXCLUSIVE on every table of the schema, and on every table that their foreign keys point to.

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
    """DROP SCHEMA … CASCADE."""
    if drop.get("behavior") != "DROP_CASCADE":
        return
    for item in drop.get("objects", ()):
        name = names.text(item)
        if context.is_of_this_file("schema", name):
            continue
        tables = [r for r in context.state.relations() if r.name.schema == name and r.kind in _WITH_ROWS]
        known = f" ({len(tables)} tables)" if tables else ""
        yield Hazard(
            f"Drops the schema {name} with everything in it{known}.",
            "All its data is lost, and so is what depends on it in other schemas. Drop the objects one by one.",
        )


_WITH_ROWS = frozenset({"table", "partitioned table", "materialized view"})


RULE = Rule(
    id="drop-schema-cascade",
    group=Group.TABLES,
    severity=Severity.ERROR,
    on=("DropStmt/OBJECT_SCHEMA",),
    check=check,
    doc=__doc__,
)
