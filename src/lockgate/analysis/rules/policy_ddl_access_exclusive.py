"""A change of policies stops every reader of the table.

## Hazard

`CREATE`, `ALTER` and `DROP POLICY`, and switching row-level security, are quick, but each needs ACCESS EXCLUSIVE: it
waits for every open transaction that has so much as read the table, and all reads and writes that come later queue up
behind it.

## When it bites

On a table in use, where no lock_timeout is in force. A runner that sets one itself and tries again, as Lockgate does,
takes the danger away: then it is a remark for those who select the rule. A table of this migration is not reported.

## Unsafe

```sql
CREATE POLICY short ON notes FOR SELECT USING (length(body) < 10);
```

## Safe

```sql
SET lock_timeout = '2s';
CREATE POLICY short ON notes FOR SELECT USING (length(body) < 10);
```

## Lock

ACCESS EXCLUSIVE on the table, for a moment.

## Versions

All.

## References

- https://www.postgresql.org/docs/current/sql-createpolicy.html
- https://www.postgresql.org/docs/current/explicit-locking.html
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import Context, Group, Hazard, Rule
from lockgate.analysis.rules.guarding import lock_severity, with_lock_timeout
from lockgate.analysis.state import names
from lockgate.sql.identifiers import QualifiedName
from lockgate.sql.parse import Node
from lockgate.types import Severity


def check(tree: Node, context: Context) -> Iterator[Hazard]:
    """Policies or row security of a table that others use, without a limit to the waiting."""
    severity = lock_severity(context, RULE)
    if severity is None:
        return
    for table, what in _changed(tree, context):
        if not context.is_unshared(table):
            yield Hazard(
                f"Everybody who uses {table} queues up while {what} waits for its lock.",
                f"ACCESS EXCLUSIVE lock on {table}: behind one long query all reads and writes wait.",
                safe=with_lock_timeout(context),
                severity=severity,
            )


def _changed(tree: Node, context: Context) -> Iterator[tuple[QualifiedName, str]]:
    kind = context.statement.kind
    if kind == "DropStmt":
        for item in tree.get("objects", ()):
            schema, name, policy = names.table_and_object(item)
            table = context.state.known(context.state.relation_name(schema, name))
            there = table.partial or any(found.name == policy for found in table.policies)
            if there or not tree.get("missing_ok"):
                yield table.name, "DROP POLICY"
    elif kind == "AlterTableStmt":
        yield context.target.name, "ALTER TABLE"
    else:
        yield context.target.name, "CREATE POLICY" if kind == "CreatePolicyStmt" else "ALTER POLICY"


RULE = Rule(
    id="policy-ddl-access-exclusive",
    group=Group.SECURITY,
    severity=Severity.WARNING,
    on=(
        "CreatePolicyStmt",
        "AlterPolicyStmt",
        "DropStmt/OBJECT_POLICY",
        "RenameStmt/OBJECT_POLICY",
        "AT_EnableRowSecurity",
        "AT_DisableRowSecurity",
        "AT_ForceRowSecurity",
        "AT_NoForceRowSecurity",
    ),
    check=check,
    doc=__doc__,
)
