"""A policy trusts what the user wrote about himself.

## Hazard

`user_metadata` in the token, and `auth.users.raw_user_meta_data`, can be changed by the user with the public key of
the API: whoever writes `"role": "admin"` there is one. `app_metadata` can be changed only by the service role.

## When it bites

When USING or WITH CHECK reads `user_metadata` from `auth.jwt()` or `current_setting('request.jwt.claims')`, or the
column `raw_user_meta_data`.

## Unsafe

```sql
CREATE POLICY staff ON notes FOR SELECT USING ((SELECT auth.jwt()) -> 'user_metadata' ->> 'role' = 'staff');
```

## Safe

```sql
CREATE POLICY staff ON notes FOR SELECT USING ((SELECT auth.jwt()) -> 'app_metadata' ->> 'role' = 'staff');
```

## Lock

None of its own.

## Versions

All.

## References

- https://supabase.com/docs/guides/database/postgres/row-level-security
- https://supabase.com/docs/guides/database/database-advisors?lint=0015_rls_references_user_metadata
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import HISTORY_END, Context, Group, Hazard, Rule
from lockgate.analysis.rules.policy_facts import calls, expressions, policies
from lockgate.analysis.state import names
from lockgate.sql.parse import Node, walk
from lockgate.types import Severity


def check(_: Node, context: Context) -> Iterator[Hazard]:
    """At the end of the history: policies that read user metadata."""
    for found in policies(context):
        if any(_trusts(tree) for tree in expressions(found.policy)):
            yield Hazard(
                f"{found.title} trusts user_metadata, which every user may write.",
                "Whoever writes the right word there gets in; app_metadata is written by the service role alone.",
                at=found.birth,
            )


def _trusts(tree: Node) -> bool:
    reads_token = any(name in ("jwt", "current_setting") for _, name, _, _ in calls(tree))
    for kind, node in walk(tree):
        if kind == "ColumnRef" and _last(node) == "raw_user_meta_data":
            return True
        if kind == "A_Const" and reads_token and "user_metadata" in node.get("sval", {}).get("sval", ""):
            return True
    return False


def _last(column: Node) -> str:
    field = column["fields"][-1]
    return names.text(field) if "String" in field else ""


RULE = Rule(
    id="rls-references-user-metadata",
    group=Group.SECURITY,
    severity=Severity.ERROR,
    on=(HISTORY_END,),
    check=check,
    doc=__doc__,
)
