"""A view shows the accounts of all users to the API.

## Hazard

`auth.users` holds addresses, telephone numbers and what the user wrote about himself. A view of it in an exposed
schema hands them to whoever may read the view.

## When it bites

When a view or materialized view in an exposed schema reads `auth.users`, itself or through another view, and one of
the API's roles may select from it.

## Unsafe

```sql
CREATE VIEW people AS SELECT id, email FROM auth.users;
```

## Safe

```sql
CREATE TABLE people (id uuid PRIMARY KEY REFERENCES auth.users (id), name text);
ALTER TABLE people ENABLE ROW LEVEL SECURITY;
```

## Lock

None of its own.

## Versions

All.

## References

- https://supabase.com/docs/guides/auth/managing-user-data
- https://supabase.com/docs/guides/database/database-advisors?lint=0002_auth_users_exposed
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.api_facts import api_roles, exposed_relations, newest, reads_transitively
from lockgate.analysis.rules.base import HISTORY_END, Context, Group, Hazard, Rule
from lockgate.sql.identifiers import QualifiedName
from lockgate.sql.parse import Node
from lockgate.types import Severity

_USERS = QualifiedName("auth", "users")


def check(_: Node, context: Context) -> Iterator[Hazard]:
    """At the end of the history: what shows auth.users."""
    for view in exposed_relations(context, "view", "materialized view"):
        if _USERS not in reads_transitively(context, view):
            continue
        birth = newest(context, ("relation", view.name), ("moved", view.name), ("grant", "table", view.name))
        if birth is not None:
            yield Hazard(
                f"{view.name} shows accounts of auth.users to {' and '.join(api_roles(context, view, 'select'))}.",
                "Copy what others may see into a table of your own, with row-level security.",
                safe=f"REVOKE ALL ON TABLE {view.name.sql} FROM anon, authenticated;",
                at=birth,
            )


RULE = Rule(
    id="auth-users-exposed",
    group=Group.SECURITY,
    severity=Severity.ERROR,
    on=(HISTORY_END,),
    platform="supabase",
    check=check,
    doc=__doc__,
)
