"""A table is made by copying another one in a single statement.

## Hazard

The copy runs as one long transaction: its snapshot keeps `VACUUM` from cleaning up anywhere, it cannot be resumed,
and writes that happen meanwhile are not in it. The new table has no keys, defaults, constraints, policies or grants.

## When it bites

When the source is large or in use.

## Unsafe

```sql
CREATE TABLE orders_copy AS SELECT * FROM orders;
```

## Safe

```sql
CREATE TABLE orders_copy (LIKE orders INCLUDING ALL);
-- then, in a migration of its own:
-- lockgate: backfill
INSERT INTO orders_copy SELECT * FROM orders;
```

## Lock

ACCESS SHARE on the source, for the whole copy.

## Versions

All.

## References

- https://www.postgresql.org/docs/current/sql-createtableas.html
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import Context, Group, Hazard, Rule
from lockgate.analysis.state.views import reads
from lockgate.sql.parse import Node
from lockgate.types import Severity


def check(create: Node, context: Context) -> Iterator[Hazard]:
    """CREATE TABLE AS or SELECT INTO from tables that others use."""
    into = create.get("intoClause") or create.get("into")
    if into is None or create.get("objtype", "OBJECT_TABLE") != "OBJECT_TABLE" or into.get("skipData"):
        return
    if into["rel"].get("relpersistence") == "t":
        return
    query = create.get("query") or {"SelectStmt": create}
    into_name = context.name(into["rel"])
    sources = [
        name for name in reads(context.state, query) if name != into_name and not context.is_unshared(name)
    ]
    if sources:
        yield Hazard(
            f"Copies {', '.join(map(str, sources))} into {into_name} in one long statement.",
            "It cannot be resumed, misses what is written meanwhile, and has no keys, policies or grants.",
        )


RULE = Rule(
    id="create-table-as",
    group=Group.TABLES,
    severity=Severity.WARNING,
    on=(
        "CreateTableAsStmt",
        "SelectStmt",
    ),
    check=check,
    doc=__doc__,
)
