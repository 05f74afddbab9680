"""A policy asks for each row who the caller is.

## Hazard

`auth.uid()`, `auth.jwt()` and `current_setting()` are the same for the whole statement, but a bare call in a policy
runs for every row: on a large table a query that took milliseconds takes seconds. In a scalar subquery the server
runs it once.

## When it bites

When USING or WITH CHECK calls `auth.uid()`, `auth.jwt()`, `auth.role()`, `auth.email()`, `current_setting()`, or one
of `functions` in the rule's settings, outside of `(SELECT …)`. A call that takes a column as its argument has to run
for each row and is not reported.

## Unsafe

```sql
CREATE POLICY own ON notes FOR SELECT USING (user_id = auth.uid());
```

## Safe

```sql
CREATE POLICY own ON notes FOR SELECT USING (user_id = (SELECT auth.uid()));
```

## Lock

None of its own.

## Versions

All.

## References

- https://supabase.com/docs/guides/database/postgres/row-level-security#call-functions-with-select
- https://supabase.com/docs/guides/database/database-advisors?lint=0003_auth_rls_initplan
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lockgate.analysis.rules.base import HISTORY_END, Context, Group, Hazard, Rule
from lockgate.analysis.rules.policy_facts import PolicyAt, calls, expressions, policies
from lockgate.analysis.state import names
from lockgate.sql.identifiers import quote
from lockgate.sql.parse import Node, Statement, deparse, deparse_expression, parse_expression, walk
from lockgate.types import Severity

_CALLS = ("auth.uid", "auth.jwt", "auth.role", "auth.email", "current_setting", "pg_catalog.current_setting")


def check(_: Node, context: Context) -> Iterator[Hazard]:
    """At the end of the history: bare calls in policies."""
    more: list[str] = context.setting(RULE.id, "functions", [])
    wanted = frozenset((*_CALLS, *more))
    for found in policies(context):
        bare = [name for tree in expressions(found.policy) for name in _bare(tree, wanted)]
        if bare:
            listed = ", ".join(f"{name}()" for name in dict.fromkeys(bare))
            yield Hazard(
                f"{found.title} calls {listed} for every row.",
                "On a large table it is the whole cost of a query; in a subquery it runs once.",
                safe=_rewritten(found, context.statement_at(found.birth), wanted),
                at=found.birth,
            )


def _bare(tree: Node, wanted: frozenset[str]) -> Iterator[str]:
    for schema, name, node, inside in calls(tree):
        whole = f"{schema}.{name}" if schema else name
        if whole in wanted and not inside and _is_constant(node):
            yield whole


def _is_constant(call: Node) -> bool:
    return all(kind != "ColumnRef" for kind, _ in walk(call.get("args", [])))


def _rewritten(found: PolicyAt, made: Statement, wanted: frozenset[str]) -> str:
    """The CREATE POLICY with its calls wrapped; ALTER POLICY where another statement made it what it is."""
    if made.kind == "CreatePolicyStmt":
        return deparse({made.kind: _wrapped(made.tree, wanted)}) + ";"
    clauses = [
        f"{word} ({deparse_expression(_wrapped(tree, wanted))})"
        for word, tree in (("USING", found.policy.using), ("WITH CHECK", found.policy.check))
        if tree is not None
    ]
    return f"ALTER POLICY {quote(found.policy.name)} ON {found.relation.name.sql} {' '.join(clauses)};"


def _wrapped(node: Any, wanted: frozenset[str], inside: bool = False) -> Any:
    """The same tree with each bare call in a scalar subquery."""
    if isinstance(node, list):
        return [_wrapped(item, wanted, inside) for item in node]
    if not isinstance(node, dict):
        return node
    if "SelectStmt" in node:
        select = node["SelectStmt"]
        return {"SelectStmt": _wrapped(select, wanted, "fromClause" not in select)}
    changed = {key: _wrapped(value, wanted, inside) for key, value in node.items()}
    if inside or "FuncCall" not in node:
        return changed
    schema, name = names.dotted(node["FuncCall"]["funcname"])
    if (f"{schema}.{name}" if schema else name) not in wanted or not _is_constant(node["FuncCall"]):
        return changed
    return parse_expression(f"(SELECT {deparse_expression(node)})")


RULE = Rule(
    id="auth-rls-initplan",
    group=Group.SECURITY,
    severity=Severity.WARNING,
    on=(HISTORY_END,),
    check=check,
    doc=__doc__,
    settings={"functions": list},
)
