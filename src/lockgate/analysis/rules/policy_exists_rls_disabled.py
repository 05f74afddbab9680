"""A table has policies, and they are not in force.

## Hazard

Policies do nothing until row-level security is enabled on the table: whoever reads the file believes that rows are
protected, and every row is open.

## When it bites

When a table ends with policies and without row-level security: never enabled, or switched off. A table that nothing
is known of, such as those of the platform elsewhere, is not reported.

## Unsafe

```sql
CREATE TABLE invitations (id bigint PRIMARY KEY, user_id uuid);
CREATE POLICY own ON invitations USING (user_id IS NOT NULL);
```

## Safe

```sql
CREATE TABLE invitations (id bigint PRIMARY KEY, user_id uuid);
ALTER TABLE invitations ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON invitations USING (user_id IS NOT NULL);
```

## Lock

None of its own.

## Versions

All.

## References

- https://www.postgresql.org/docs/current/ddl-rowsecurity.html
- https://supabase.com/docs/guides/database/database-advisors?lint=0007_policy_exists_rls_disabled
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.api_facts import newest
from lockgate.analysis.rules.base import HISTORY_END, Context, Group, Hazard, Rule
from lockgate.sql.parse import Node
from lockgate.types import Severity


def check(_: Node, context: Context) -> Iterator[Hazard]:
    """At the end of the history: policies on tables without row security."""
    for table in context.state.relations():
        if not table.policies or table.row_security or table.partial:
            continue
        made = [("policy", table.name, policy.name) for policy in table.policies]
        birth = newest(context, *made, ("row security", table.name))
        if birth is not None:
            listed = ", ".join(policy.name for policy in table.policies)
            yield Hazard(
                f"{table.name} has policies ({listed}), and its row-level security is off.",
                "The policies do nothing: every row is open to whoever holds rights on the table.",
                safe=f"ALTER TABLE {table.name.sql} ENABLE ROW LEVEL SECURITY;",
                at=birth,
            )


RULE = Rule(
    id="policy-exists-rls-disabled",
    group=Group.SECURITY,
    severity=Severity.ERROR,
    on=(HISTORY_END,),
    check=check,
    doc=__doc__,
)
