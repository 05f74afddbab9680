"""Several policies let the same role do the same thing.

## Hazard

Permissive policies are joined by OR: each one more lets more rows in, whatever the others say, and each one runs for
every row until one is true.

## When it bites

When a table ends with two or more permissive policies for one role and one command, and the checked files made or
changed one of them. A restrictive policy narrows; it and those of other roles do not count.

## Unsafe

```sql
CREATE POLICY own ON notes FOR SELECT USING (user_id = (SELECT auth.uid()));
CREATE POLICY short ON notes FOR SELECT USING (length(body) < 10);
```

## Safe

```sql
CREATE POLICY own_or_short ON notes FOR SELECT
  USING (user_id = (SELECT auth.uid()) OR length(body) < 10);
```

## Lock

None of its own.

## Versions

All.

## References

- https://www.postgresql.org/docs/current/ddl-rowsecurity.html
- https://supabase.com/docs/guides/database/database-advisors?lint=0006_multiple_permissive_policies
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.api_facts import newest
from lockgate.analysis.rules.base import HISTORY_END, Context, Group, Hazard, Rule
from lockgate.analysis.rules.policy_facts import ABOVE, policies
from lockgate.analysis.state.privileges import PUBLIC
from lockgate.analysis.view import Policy, Relation
from lockgate.sql.identifiers import QualifiedName
from lockgate.sql.parse import Node
from lockgate.types import Severity

_COMMANDS = ("select", "insert", "update", "delete")


def check(_: Node, context: Context) -> Iterator[Hazard]:
    """At the end of the history: permissive policies that overlap, told at the newest of each set."""
    by_table: dict[QualifiedName, Relation] = {}
    for found in policies(context):
        by_table[found.relation.name] = found.relation
    for table in by_table.values():
        for names_of_set, (roles, commands) in _overlaps(table).items():
            birth = newest(context, *(("policy", table.name, name) for name in names_of_set))
            if birth is not None:
                yield Hazard(
                    f"{', '.join(names_of_set)} all let {', '.join(roles)} {', '.join(commands)} rows of {table.name}.",
                    "They are joined by OR: the widest decides, and each runs for every row.",
                    at=birth,
                )


def _overlaps(table: Relation) -> dict[tuple[str, ...], tuple[list[str], list[str]]]:
    """Sets of policies by name, with the roles and commands for which they meet."""
    found: dict[tuple[str, ...], tuple[list[str], list[str]]] = {}
    permissive = [policy for policy in table.policies if policy.permissive]
    roles = dict.fromkeys(role for policy in permissive for role in policy.roles if role not in ABOVE)
    for role in roles:
        for command in _COMMANDS:
            meeting = [policy.name for policy in permissive if _applies(policy, role, command)]
            if len(meeting) > 1:
                known_roles, commands = found.setdefault(tuple(meeting), ([], []))
                known_roles += [role] if role not in known_roles else []
                commands += [command] if command not in commands else []
    return found


def _applies(policy: Policy, role: str, command: str) -> bool:
    return policy.command in ("all", command) and bool({role, PUBLIC} & set(policy.roles))


RULE = Rule(
    id="multiple-permissive-policies",
    group=Group.SECURITY,
    severity=Severity.INFO,
    on=(HISTORY_END,),
    check=check,
    doc=__doc__,
)
