"""A schema gets another name.

## Hazard

Every qualified name, search path, function body and API setting that mentions the schema is wrong from that moment.

## When it bites

On a schema that exists already. There is no compatible way in one step: make the new schema, move tables one by one
with views in their place.

## Unsafe

```sql
ALTER SCHEMA reporting RENAME TO reports;
```

## Safe

```sql
CREATE SCHEMA reports;
```

## Lock

None on tables.

## Versions

All.

## References

- https://www.postgresql.org/docs/current/sql-alterschema.html
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import Context, Group, Hazard, Rule
from lockgate.sql.parse import Node
from lockgate.types import Severity


def check(rename: Node, context: Context) -> Iterator[Hazard]:
    """ALTER SCHEMA … RENAME."""
    old = rename.get("subname", "")
    if not context.is_of_this_file("schema", old):
        yield Hazard(
            f"Renames the schema {old} to {rename.get('newname', '')}: whatever names it fails at once.",
            "Qualified names, search paths, function bodies and API settings mention it.",
        )


RULE = Rule(
    id="rename-schema",
    group=Group.TABLES,
    severity=Severity.ERROR,
    on=("RenameStmt/OBJECT_SCHEMA",),
    check=check,
    doc=__doc__,
)
