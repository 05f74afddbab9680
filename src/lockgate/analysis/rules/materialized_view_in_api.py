"""A materialized view is readable through the API.

## Hazard

Row-level security does not exist for materialized views: whoever may select from one sees every row that its owner
saw when it was refreshed.

## When it bites

When a materialized view ends in an exposed schema and one of the API's roles may select from it.

## Unsafe

```sql
CREATE MATERIALIZED VIEW totals AS SELECT count(*) AS notes FROM notes;
```

## Safe

```sql
CREATE SCHEMA private;
CREATE MATERIALIZED VIEW private.totals AS SELECT count(*) AS notes FROM notes;
```

## Lock

None of its own.

## Versions

All.

## References

- https://www.postgresql.org/docs/current/sql-creatematerializedview.html
- https://supabase.com/docs/guides/database/database-advisors?lint=0016_materialized_view_in_api
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.api_facts import api_roles, exposed_relations, newest
from lockgate.analysis.rules.base import HISTORY_END, Context, Group, Hazard, Rule
from lockgate.sql.parse import Node
from lockgate.types import Severity


def check(_: Node, context: Context) -> Iterator[Hazard]:
    """At the end of the history: materialized views that the API may read."""
    for found in exposed_relations(context, "materialized view"):
        name = found.name
        birth = newest(context, ("relation", name), ("moved", name), ("grant", "table", name))
        if birth is not None:
            roles = " and ".join(api_roles(context, found, "select"))
            yield Hazard(
                f"{roles} may read every row of {name}.",
                "Materialized views have no row-level security; move it out of the exposed schema, or revoke.",
                safe=f"REVOKE ALL ON TABLE {name.sql} FROM anon, authenticated;",
                at=birth,
            )


RULE = Rule(
    id="materialized-view-in-api",
    group=Group.SECURITY,
    severity=Severity.WARNING,
    on=(HISTORY_END,),
    platform="supabase",
    check=check,
    doc=__doc__,
)
