"""PostgreSQL 14.0 to 14.3 builds corrupt indexes concurrently.

## Hazard

In these releases `CREATE INDEX CONCURRENTLY` and `REINDEX CONCURRENTLY` can miss rows that change during the build.
The index looks valid and gives wrong answers.

## When it bites

On 14.0, 14.1, 14.2 and 14.3. Update to 14.4 first, then rebuild every index that was built concurrently.

## Unsafe

```sql
CREATE INDEX CONCURRENTLY orders_user_id_idx ON orders (user_id);
```

## Safe

Update the server to 14.4 or later, then build the index concurrently.

## Lock

None of its own.

## Versions

14.0 to 14.3.

## References

- https://www.postgresql.org/docs/release/14.4/
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import Context, Group, Hazard, Rule
from lockgate.analysis.transactions import has_option
from lockgate.sql.parse import Node
from lockgate.types import Severity


def check(tree: Node, context: Context) -> Iterator[Hazard]:
    """A concurrent build on a server whose minor version is unknown or bad."""
    minor = context.options.minor
    if minor is not None and minor > 3:
        return
    if tree.get("concurrent") or has_option(tree.get("params", []), "concurrently"):
        yield Hazard(
            "On PostgreSQL 14.0 to 14.3 a concurrent build can miss rows: the index is corrupt and looks valid.",
            "Update to 14.4 or later before building indexes concurrently.",
        )


RULE = Rule(
    id="concurrent-index-corruption",
    group=Group.INDEXES,
    severity=Severity.ERROR,
    on=(
        "IndexStmt",
        "ReindexStmt",
    ),
    since=14,
    until=14,
    check=check,
    doc=__doc__,
)
