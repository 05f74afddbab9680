"""A policy also holds for users who have signed in anonymously.

## Hazard

An anonymous sign-in gives the role `authenticated`: a policy for that role lets in whoever pressed a button, unless
it asks for `is_anonymous` in the token.

## When it bites

When anonymous sign-ins are switched on, which SQL cannot tell: therefore opt-in. With each permissive policy for
`authenticated` or everybody that does not mention `is_anonymous`, on a table without a restrictive policy that does.

## Unsafe

```sql
CREATE POLICY read ON notes FOR SELECT TO PUBLIC USING (id > 0);
```

## Safe

```sql
CREATE POLICY read ON notes FOR SELECT TO PUBLIC
  USING (id > 0 AND NOT (SELECT (auth.jwt() ->> 'is_anonymous')::boolean));
```

## Lock

None.

## Versions

All.

## References

- https://supabase.com/docs/guides/auth/auth-anonymous
- https://supabase.com/docs/guides/database/database-advisors?lint=0012_auth_allow_anonymous_sign_ins
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import HISTORY_END, Context, Group, Hazard, Rule
from lockgate.analysis.rules.policy_facts import expressions, policies
from lockgate.analysis.state.privileges import PUBLIC
from lockgate.analysis.view import Policy
from lockgate.sql.parse import Node, walk
from lockgate.types import Severity


def check(_: Node, context: Context) -> Iterator[Hazard]:
    """At the end of the history: policies for signed-in users that do not ask how they signed in."""
    for found in policies(context):
        if not found.policy.permissive or not {"authenticated", PUBLIC} & set(found.policy.roles):
            continue
        narrowing = (policy for policy in found.relation.policies if not policy.permissive)
        if not any(_asks(policy) for policy in (found.policy, *narrowing)):
            yield Hazard(
                f"{found.title} also holds for anonymous sign-ins.",
                "They have the role authenticated; ask for is_anonymous in the token where it matters.",
                at=found.birth,
            )


def _asks(policy: Policy) -> bool:
    trees = [node for tree in expressions(policy) for kind, node in walk(tree) if kind == "A_Const"]
    return any(node.get("sval", {}).get("sval") == "is_anonymous" for node in trees)


RULE = Rule(
    id="auth-allow-anonymous",
    group=Group.SECURITY,
    severity=Severity.INFO,
    on=(HISTORY_END,),
    opt_in=True,
    check=check,
    doc=__doc__,
)
