"""Foreign keys are not checked while all triggers are off.

## Hazard

Foreign keys are enforced by triggers. `DISABLE TRIGGER ALL` and `session_replication_role = replica` switch them off
with the rest: rows that point to nothing come in, and nobody finds them when the triggers are on again.

## When it bites

On a table in use. `DISABLE TRIGGER USER` leaves the foreign keys alone; it, and a table of this migration, are not
reported.

## Unsafe

```sql
ALTER TABLE orders DISABLE TRIGGER ALL;
```

## Safe

```sql
ALTER TABLE orders DISABLE TRIGGER USER;
```

## Lock

SHARE ROW EXCLUSIVE on the table, for a moment; the parameter takes no lock.

## Versions

All.

## References

- https://www.postgresql.org/docs/current/sql-altertable.html
- https://www.postgresql.org/docs/current/runtime-config-client.html#GUC-SESSION-REPLICATION-ROLE
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import Context, Group, Hazard, Rule
from lockgate.analysis.settings import changes
from lockgate.sql.parse import Node
from lockgate.types import Severity


def check(tree: Node, context: Context) -> Iterator[Hazard]:
    """All triggers of a table switched off, or the session's role set so that none fires."""
    if tree.get("subtype") == "AT_DisableTrigAll":
        table = context.target.name
        if not context.is_unshared(table):
            yield Hazard(
                f"The foreign keys of {table} are not checked until its triggers are on again.",
                "Rows that point to nothing come in, from the application too, and are never found.",
                safe=f"ALTER TABLE {context.relation_sql} DISABLE TRIGGER USER;",
            )
        return
    lasting = context.tree.get("setstmt")
    for change in changes("VariableSetStmt" if lasting else context.statement.kind, lasting or context.tree):
        if change.name == "session_replication_role" and (change.value or "").lower() == "replica":
            yield Hazard(
                "Foreign keys and triggers do not work in every session of its own from here on."
                if lasting
                else "Foreign keys and triggers do not work in this session from here on.",
                "Rows that point to nothing come in and are never found; switch off single triggers instead.",
            )


RULE = Rule(
    id="disable-trigger-fk",
    group=Group.OBJECTS,
    severity=Severity.ERROR,
    on=(
        "AT_DisableTrigAll",
        "VariableSetStmt",
        "SelectStmt",
        "AlterRoleSetStmt",
        "AlterDatabaseSetStmt",
    ),
    called=True,
    check=check,
    doc=__doc__,
)
