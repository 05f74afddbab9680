"""GraphQL shows a table to everybody who has the key of the API.

## Hazard

`pg_graphql` makes a type of every table and view that a role may select from, and answers what types there are: whoever
has the public key reads the names of tables, columns and relations, even where row-level security returns no row.

## When it bites

When a table or view of an exposed schema may be read by one of the API's roles. On Supabase that is the default for
every table, and many projects want it; so the rule is opt-in.

## Unsafe

```sql
CREATE TABLE salaries (id bigint PRIMARY KEY, employee uuid, amount numeric);
```

## Safe

```sql
CREATE TABLE salaries (id bigint PRIMARY KEY, employee uuid, amount numeric);
REVOKE SELECT ON TABLE salaries FROM anon, authenticated;
```

## Lock

None of its own.

## Versions

All.

## References

- https://supabase.github.io/pg_graphql/security/
- https://supabase.com/docs/guides/database/database-advisors?lint=0026_pg_graphql_anon_table_exposed
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from lockgate.analysis.rules.api_facts import api_roles, exposed_relations, exposure
from lockgate.analysis.rules.base import HISTORY_END, Context, Group, Hazard, Rule
from lockgate.analysis.view import RelationKind
from lockgate.sql.parse import Node
from lockgate.types import Severity

_SHOWN: Final[tuple[RelationKind, ...]] = (
    "table",
    "partitioned table",
    "view",
    "materialized view",
    "foreign table",
)


def check(_: Node, context: Context) -> Iterator[Hazard]:
    """At the end of the history: relations that pg_graphql shows to the API's roles."""
    for found in exposed_relations(context, *_SHOWN):
        birth = exposure(context, found)
        if birth is not None:
            roles = " and ".join(api_roles(context, found, "select"))
            yield Hazard(
                f"GraphQL shows {found.name} and its columns to {roles}.",
                "Whoever has the public key reads the names; row-level security hides rows alone.",
                safe=f"REVOKE SELECT ON TABLE {found.name.sql} FROM anon, authenticated;",
                at=birth,
            )


RULE = Rule(
    id="graphql-table-exposed",
    group=Group.SECURITY,
    severity=Severity.INFO,
    on=(HISTORY_END,),
    opt_in=True,
    platform="supabase",
    check=check,
    doc=__doc__,
)
