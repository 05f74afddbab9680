"""A policy lets everybody change every row.

## Hazard

`USING (true)` for UPDATE or DELETE, and `WITH CHECK (true)` for INSERT or UPDATE, let each caller change or add rows
of all others: row-level security is on, and protects nothing.

## When it bites

When a permissive policy for INSERT, UPDATE, DELETE or ALL says nothing but `true` (or `1 = 1`) to a role that row
security binds. For SELECT it may be what is wanted; restrictive policies and those `TO service_role` are not
reported.

## Unsafe

```sql
CREATE POLICY add_notes ON notes FOR INSERT TO PUBLIC WITH CHECK (true);
```

## Safe

```sql
CREATE POLICY add_notes ON notes FOR INSERT TO PUBLIC WITH CHECK (user_id = (SELECT auth.uid()));
```

## Lock

None of its own.

## Versions

All.

## References

- https://www.postgresql.org/docs/current/ddl-rowsecurity.html
- https://supabase.com/docs/guides/database/database-advisors?lint=0024_permissive_rls_policy
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import HISTORY_END, Context, Group, Hazard, Rule
from lockgate.analysis.rules.policy_facts import bound_roles, is_true, policies
from lockgate.sql.parse import Node
from lockgate.types import Severity

_RIGHTS = {"all": ("insert", "update", "delete")}


def check(_: Node, context: Context) -> Iterator[Hazard]:
    """At the end of the history: policies that let every change pass."""
    for found in policies(context):
        policy = found.policy
        if not policy.permissive or policy.command == "select":
            continue
        open_using = policy.command != "insert" and is_true(policy.using)
        open_check = policy.command != "delete" and is_true(policy.check)
        roles = bound_roles(context, found, *_RIGHTS.get(policy.command, (policy.command,)))
        if (open_using or open_check) and roles:
            clause = "USING" if open_using else "WITH CHECK"
            yield Hazard(
                f"{found.title} is {clause} (true): {', '.join(roles)} may {_verb(policy.command)} every row.",
                "Row-level security is on and protects nothing; say whose rows they are.",
                at=found.birth,
            )


def _verb(command: str) -> str:
    return "insert, update and delete" if command == "all" else command


RULE = Rule(
    id="rls-policy-always-true",
    group=Group.SECURITY,
    severity=Severity.WARNING,
    on=(HISTORY_END,),
    check=check,
    doc=__doc__,
)
