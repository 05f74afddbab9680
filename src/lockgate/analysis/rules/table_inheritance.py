"""A table inherits from another one, or is made of a type.

## Hazard

Unique constraints and foreign keys do not reach the children, queries of the parent read all of them, and few tools
know about it. Typed tables cannot get columns of their own.

## When it bites

Where partitioning was meant (since 10 it is declared), or a view.

## Unsafe

```sql
CREATE TABLE cities_capital (state text) INHERITS (cities);
```

## Safe

```sql
CREATE TABLE capitals (city_id bigint PRIMARY KEY REFERENCES cities, state text);
```

## Lock

None of its own.

## Versions

All.

## References

- https://www.postgresql.org/docs/current/ddl-inherit.html
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import Context, Group, Hazard, Rule
from lockgate.sql.parse import Node
from lockgate.types import Severity


def check(tree: Node, context: Context) -> Iterator[Hazard]:
    """INHERITS, OF type, and ALTER TABLE … INHERIT."""
    inherits = "inhRelations" in tree and "partbound" not in tree
    if inherits or tree.get("subtype") == "AT_AddInherit":
        yield Hazard(
            f"{context.target.name} inherits from another table.",
            "Keys do not reach children, and queries of the parent read all of them; declare partitions instead.",
        )
    elif "ofTypename" in tree:
        yield Hazard(
            f"{context.target.name} is made of a type.",
            "It can have no columns but those of the type.",
        )


RULE = Rule(
    id="table-inheritance",
    group=Group.TABLES,
    severity=Severity.INFO,
    on=(
        "CreateStmt",
        "AT_AddInherit",
    ),
    check=check,
    doc=__doc__,
)
