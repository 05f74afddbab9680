"""A concurrent refresh still keeps everybody else from changing the materialized view.

## Hazard

`REFRESH … CONCURRENTLY` runs the query, compares it with the old rows and writes the differences, all under
EXCLUSIVE: readers pass, but a second refresh waits, and vacuum does. Without a unique index on plain columns it fails
(SQLSTATE 55000).

## When it bites

On every view in use. It is a remark, but an error where the history shows that the view has no such index or was
never filled: then the server refuses it.

## Unsafe

```sql
REFRESH MATERIALIZED VIEW CONCURRENTLY daily;
```

## Safe

Refresh from a scheduler at a quiet hour instead of in a migration.

## Lock

EXCLUSIVE on the view until the transaction ends.

## Versions

All.

## References

- https://www.postgresql.org/docs/current/sql-refreshmaterializedview.html
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import Context, Group, Hazard, Rule
from lockgate.analysis.rules.view_facts import allows_concurrent_refresh
from lockgate.sql.parse import Node
from lockgate.types import Severity


def check(tree: Node, context: Context) -> Iterator[Hazard]:
    """A concurrent refresh: what it holds, or why it fails."""
    view = context.relation(tree["relation"])
    if not tree.get("concurrent") or view.persistence == "temporary":
        return
    if context.state.birth("unpopulated", view.name):
        reason = "it has no rows yet (WITH NO DATA)"
    elif not view.partial and not allows_concurrent_refresh(view):
        reason = "it has no unique index on plain columns"
    elif view.is_new:
        return
    else:
        yield Hazard(
            f"A second refresh of {view.name} waits until this one is committed.",
            f"EXCLUSIVE lock on {view.name} while its query runs; readers pass.",
        )
        return
    yield Hazard(
        f"{view.name} cannot be refreshed concurrently: {reason}.",
        "SQLSTATE 55000; the migration fails.",
        severity=Severity.ERROR,
    )


RULE = Rule(
    id="refresh-matview-concurrent-lock",
    group=Group.OBJECTS,
    severity=Severity.INFO,
    on=("RefreshMatViewStmt",),
    check=check,
    doc=__doc__,
)
