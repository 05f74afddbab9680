"""A short statement_timeout ends work that is meant to take long.

## Hazard

`CREATE INDEX CONCURRENTLY`, `VALIDATE CONSTRAINT` and `REFRESH` take minutes on a large table, under locks that let
reads and writes go on. A time-out of seconds ends them each time, and a concurrent build leaves an invalid index
behind.

## When it bites

When the file itself has set statement_timeout to less than `shortest` of the rule's settings (5 min) and the table is
in use. Only a short time-out is meant: none (0) is right here.

## Unsafe

```sql
SET statement_timeout = '5s';
CREATE INDEX CONCURRENTLY orders_note_idx ON orders (note);
```

## Safe

```sql
SET statement_timeout = 0;
CREATE INDEX CONCURRENTLY orders_note_idx ON orders (note);
```

## Lock

SHARE UPDATE EXCLUSIVE of the statement, which stops nobody.

## Versions

All.

## References

- https://www.postgresql.org/docs/current/sql-createindex.html#SQL-CREATEINDEX-CONCURRENTLY
- https://www.postgresql.org/docs/current/runtime-config-client.html#GUC-STATEMENT-TIMEOUT
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import Context, Group, Hazard, Rule
from lockgate.analysis.rules.guarding import long_work
from lockgate.analysis.settings import milliseconds
from lockgate.sql.parse import Node
from lockgate.types import Severity


def check(tree: Node, context: Context) -> Iterator[Hazard]:
    """Long work on a table in use under a short time-out of the file."""
    setting = context.session.settings.get("statement_timeout")
    if setting is None:
        return
    value = milliseconds(setting)
    shortest = milliseconds(context.setting(RULE.id, "shortest", "5min")) or 0
    what = long_work(context.statement.kind, tree)
    if not value or value >= shortest or not what:
        return
    if context.locks and all(context.is_unshared_text(lock.relation) for lock in context.locks):
        return
    yield Hazard(
        f"{what} is ended after {setting}.",
        "An invalid index is left behind, and the next try fails in the same way."
        if what.endswith("CONCURRENTLY")
        else "On a large table it never gets to its end.",
        safe="" if context.nested else f"SET statement_timeout = 0;\n{context.statement.sql};",
    )


RULE = Rule(
    id="short-statement-timeout-on-long-op",
    group=Group.TRANSACTIONS,
    severity=Severity.WARNING,
    on=(
        "IndexStmt",
        "ReindexStmt",
        "RefreshMatViewStmt",
        "AlterDomainStmt",
        "VacuumStmt",
        "AlterTableStmt",
    ),
    check=check,
    doc=__doc__,
    settings={"shortest": str},
)
