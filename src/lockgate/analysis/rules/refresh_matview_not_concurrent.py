"""A materialized view cannot be read while it is refreshed.

## Hazard

`REFRESH MATERIALIZED VIEW` without `CONCURRENTLY` runs the whole query under ACCESS EXCLUSIVE: every reader of the
view waits until the last row is there.

## When it bites

On a view that is read while the migration runs. A view of this migration, one that was made `WITH NO DATA` and never
filled (it cannot be refreshed concurrently), and `REFRESH … WITH NO DATA` are not reported.

## Unsafe

```sql
REFRESH MATERIALIZED VIEW daily;
```

## Safe

```sql
REFRESH MATERIALIZED VIEW CONCURRENTLY daily;
```

## Lock

ACCESS EXCLUSIVE on the view during the query; with `CONCURRENTLY` EXCLUSIVE, which lets readers pass. That form needs
a unique index on plain columns without a WHERE.

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
    """A refresh that readers wait for."""
    view = context.relation(tree["relation"])
    if tree.get("concurrent") or tree.get("skipData") or view.is_new or view.persistence == "temporary":
        return
    if context.state.birth("unpopulated", view.name):
        return
    lacking = not view.partial and not allows_concurrent_refresh(view)
    yield Hazard(
        f"Nobody can read {view.name} until its refresh is complete.",
        f"ACCESS EXCLUSIVE lock on {view.name} while its whole query runs"
        + ("; CONCURRENTLY needs a unique index on plain columns first." if lacking else "."),
        safe="" if lacking else f"REFRESH MATERIALIZED VIEW CONCURRENTLY {context.relation_sql};",
    )


RULE = Rule(
    id="refresh-matview-not-concurrent",
    group=Group.OBJECTS,
    severity=Severity.ERROR,
    on=("RefreshMatViewStmt",),
    called=True,
    check=check,
    doc=__doc__,
)
