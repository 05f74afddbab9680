"""The application sees no rows between two commits.

## Hazard

Row-level security without a policy hides every row from everybody it binds. When it is committed before the policies
are, the running application reads empty tables and its inserts fail, until the policies follow, if they do.

## When it bites

When row-level security is switched on for a table that exists already, and its first policy is made in a later
transaction: of the same file, or of a later one. Create the policies first; they do nothing until it is on.

## Unsafe

```sql
-- lockgate: no-transaction
ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON notes USING (id > 0);
```

## Safe

```sql
-- lockgate: no-transaction
CREATE POLICY own ON notes USING (id > 0);
ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
```

## Lock

ACCESS EXCLUSIVE on the table, for a moment each.

## Versions

All.

## References

- https://www.postgresql.org/docs/current/ddl-rowsecurity.html
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import Context, Group, Hazard, Rule
from lockgate.sql.parse import Node
from lockgate.types import Severity


def check(_: Node, context: Context) -> Iterator[Hazard]:
    """The first policy of a table whose row security was switched on and committed before."""
    table = context.target
    enabled = context.state.birth("row security", table.name)
    if not table.row_security or table.policies or enabled is None or enabled.unit < context.first:
        return
    made = context.state.birth("relation", table.name)
    if made is not None and made.unit == enabled.unit:
        return
    now = context.state.now
    if (now.unit, now.transaction) == (enabled.unit, enabled.transaction):
        return
    first = context.statement_at(enabled).sql
    yield Hazard(
        f"{table.name} is empty to the application until its first policy is committed.",
        "Row-level security without a policy hides every row; create the policies first, or in the same transaction.",
        safe=f"{context.statement.sql};\n{first};" if now.unit == enabled.unit and not context.nested else "",
        at=enabled,
    )


RULE = Rule(
    id="rls-enabled-before-policy-in-other-tx",
    group=Group.SECURITY,
    severity=Severity.ERROR,
    on=("CreatePolicyStmt",),
    check=check,
    doc=__doc__,
)
