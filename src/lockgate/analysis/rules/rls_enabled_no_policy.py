"""Row-level security is on and no policy lets anybody in.

## Hazard

Without a policy every query of a role that is bound by row-level security finds no rows and every insert fails,
without an error that says why. That may be what is wanted for a table that only the owner and the service role use;
revoke the rights then, so that it can be seen.

## When it bites

When a table ends with row-level security and without a policy. A table on which the API's roles hold no rights is
meant to be closed and not reported.

## Unsafe

```sql
CREATE TABLE invitations (id bigint PRIMARY KEY);
ALTER TABLE invitations ENABLE ROW LEVEL SECURITY;
```

## Safe

```sql
CREATE TABLE invitations (id bigint PRIMARY KEY);
ALTER TABLE invitations ENABLE ROW LEVEL SECURITY;
CREATE POLICY everything ON invitations FOR SELECT USING (id > 0);
```

## Lock

None of its own.

## Versions

All.

## References

- https://www.postgresql.org/docs/current/ddl-rowsecurity.html
- https://supabase.com/docs/guides/database/database-advisors?lint=0008_rls_enabled_no_policy
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.api_facts import api_roles, newest
from lockgate.analysis.rules.base import HISTORY_END, Context, Group, Hazard, Rule
from lockgate.sql.parse import Node
from lockgate.types import Severity


def check(_: Node, context: Context) -> Iterator[Hazard]:
    """At the end of the history: row security without a policy."""
    for table in context.state.relations():
        if not table.row_security or table.policies or not api_roles(context, table):
            continue
        birth = newest(context, ("row security", table.name), ("policy dropped", table.name))
        if birth is not None:
            yield Hazard(
                f"No policy of {table.name} lets anybody in.",
                "Queries find no rows and inserts fail, for everybody but the owner and roles above row security.",
                at=birth,
            )


RULE = Rule(
    id="rls-enabled-no-policy",
    group=Group.SECURITY,
    severity=Severity.INFO,
    on=(HISTORY_END,),
    check=check,
    doc=__doc__,
)
