"""A policy of a table in use changes who sees what.

## Hazard

A permissive policy more opens rows, a restrictive one more hides them; one policy less does the opposite. No error
tells the application: rows are there or not.

## When it bites

With every `CREATE`, `ALTER` and `DROP POLICY` on a table that exists already: for teams that want each of them
reviewed.

## Unsafe

```sql
DROP POLICY old ON notes;
```

## Safe

Write down which role may do what before and after, and test both (`lockgate verify`).

## Lock

ACCESS EXCLUSIVE on the table, for a moment.

## Versions

All.

## References

- https://www.postgresql.org/docs/current/ddl-rowsecurity.html
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import Context, Group, Hazard, Rule
from lockgate.analysis.state import names
from lockgate.analysis.state.security import roles
from lockgate.sql.parse import Node
from lockgate.types import Severity


def check(tree: Node, context: Context) -> Iterator[Hazard]:
    """Policies of a table in use."""
    kind = context.statement.kind
    if kind == "DropStmt":
        for item in tree.get("objects", ()):
            schema, name, policy = names.table_and_object(item)
            table = context.state.relation_name(schema, name)
            if not context.is_unshared(table):
                yield _hazard(f"Without the policy {policy!r} other rows of {table} are seen.")
    elif not context.is_unshared(context.target.name):
        name = f"{tree.get('policy_name', '')!r} of {context.target.name}"
        if kind == "AlterPolicyStmt":
            yield _hazard(f"The policy {name} lets other rows through.")
        elif tree.get("permissive"):
            yield _hazard(
                f"The policy {name} opens rows to {', '.join(roles(tree.get('roles', []))) or 'everybody'}."
            )
        else:
            yield _hazard(f"The restrictive policy {name} hides rows.")


def _hazard(message: str) -> Hazard:
    return Hazard(message, "The application gets no error, only more rows or fewer.")


RULE = Rule(
    id="policy-change",
    group=Group.SECURITY,
    severity=Severity.INFO,
    on=(
        "CreatePolicyStmt",
        "AlterPolicyStmt",
        "DropStmt/OBJECT_POLICY",
    ),
    opt_in=True,
    check=check,
    doc=__doc__,
)
