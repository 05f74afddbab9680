"""Everybody can read and change a table through the API.

## Hazard

On Supabase each new table in `public` can be read and written by `anon` and `authenticated`, by default privileges;
row-level security is what holds them back. Without it the key that is in every browser reads and changes all rows.

## When it bites

When a table in an exposed schema ends without row-level security and one of the API's roles holds a right on it: made
like that, moved there, switched off, or granted. Tables that a later file protects, and tables that those roles have
no rights on, are not reported.

## Unsafe

```sql
CREATE TABLE invitations (id bigint PRIMARY KEY, email text);
```

## Safe

```sql
CREATE TABLE invitations (id bigint PRIMARY KEY, email text);
ALTER TABLE invitations ENABLE ROW LEVEL SECURITY;
```

## Lock

None of its own.

## Versions

All.

## References

- https://www.postgresql.org/docs/current/ddl-rowsecurity.html
- https://supabase.com/docs/guides/database/postgres/row-level-security
- https://supabase.com/docs/guides/database/database-advisors?lint=0013_rls_disabled_in_public
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.api_facts import api_roles, exposed_relations, exposure
from lockgate.analysis.rules.base import HISTORY_END, Context, Group, Hazard, Rule
from lockgate.sql.parse import Node
from lockgate.types import Severity


def check(_: Node, context: Context) -> Iterator[Hazard]:
    """At the end of the history: exposed tables without row security."""
    for table in exposed_relations(context, "table", "partitioned table", privileges=()):
        birth = None if table.row_security else exposure(context, table)
        if birth is not None:
            roles = " and ".join(api_roles(context, table))
            yield Hazard(
                f"{table.name} has no row-level security: {roles} may read or change all of its rows.",
                "Whoever has the public key of the API gets everything; enable it, and add policies.",
                safe=f"ALTER TABLE {table.name.sql} ENABLE ROW LEVEL SECURITY;",
                at=birth,
            )


RULE = Rule(
    id="rls-disabled-in-public",
    group=Group.SECURITY,
    severity=Severity.ERROR,
    on=(HISTORY_END,),
    platform="supabase",
    check=check,
    doc=__doc__,
)
