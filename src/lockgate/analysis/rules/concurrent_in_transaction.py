"""A statement that cannot run in a transaction stands in one.

## Hazard

`CREATE INDEX CONCURRENTLY`, `DROP INDEX CONCURRENTLY`, `REINDEX … CONCURRENTLY`, `DETACH PARTITION … CONCURRENTLY`,
`VACUUM`, `ALTER SYSTEM`, `CREATE DATABASE` and the like commit on their own. In a transaction block, or in a DO
block, the server refuses them and the migration fails (SQLSTATE 25001).

## When it bites

Between `BEGIN` and `COMMIT`, and in every file that the runner wraps in a transaction. Lockgate and the Supabase CLI
run such a statement apart by themselves; Flyway and others do so only when it stands alone in its file.

## Unsafe

```sql
BEGIN;
CREATE INDEX CONCURRENTLY orders_user_id_idx ON orders (user_id);
COMMIT;
```

## Safe

```sql
CREATE INDEX CONCURRENTLY orders_user_id_idx ON orders (user_id);
```

## Lock

None: the statement fails.

## Versions

All.

## References

- https://www.postgresql.org/docs/current/sql-createindex.html#SQL-CREATEINDEX-CONCURRENTLY
- https://www.postgresql.org/docs/current/sql-vacuum.html
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.locks import forecast
from lockgate.analysis.rules.base import Context, Group, Hazard, Rule
from lockgate.analysis.transactions import DECIDED_BY_OBJECT, must_run_outside
from lockgate.sql.parse import Node
from lockgate.types import Severity


def check(tree: Node, context: Context) -> Iterator[Hazard]:
    """A statement that must run outside, inside."""
    statement = context.statement
    if not (context.nested or context.transaction.is_block) or not _is_refused(tree, context):
        return
    yield Hazard(
        f"{_words(statement.sql)} cannot run {_where(context)}: the server refuses it.",
        "SQLSTATE 25001; nothing of the transaction is kept.",
        safe=_alone(context),
    )


def _is_refused(tree: Node, context: Context) -> bool:
    """Whether a transaction block refuses the statement: some are refused for what they are about alone."""
    kind = context.statement.kind
    if kind in DECIDED_BY_OBJECT:
        return not forecast(context.statement, context.state, context.major).transactional
    return must_run_outside(kind, tree)


def _where(context: Context) -> str:
    if context.nested:
        return "in a function or DO block"
    if context.transaction.by_file:
        return "between BEGIN and COMMIT"
    return "in the transaction that the runner opens"


def _words(sql: str) -> str:
    upper = sql.upper().split()
    end = upper.index("CONCURRENTLY") + 1 if "CONCURRENTLY" in upper[:6] else 1
    return " ".join(upper[:end])


def _alone(context: Context) -> str:
    if context.nested or context.options.transaction == "always":
        return ""
    statement = f"{context.statement.sql};"
    runs_alone = must_run_outside(context.statement.kind, context.tree)
    if context.transaction.by_file and runs_alone:
        return statement
    marker = context.session.runner.marker
    return f"{marker}\n{statement}" if marker else ""


RULE = Rule(
    id="concurrent-in-transaction",
    group=Group.INDEXES,
    severity=Severity.ERROR,
    on=(
        "IndexStmt",
        "DropStmt/OBJECT_INDEX",
        "ReindexStmt",
        "AlterTableStmt",
        "VacuumStmt",
        "ClusterStmt",
        "CreatedbStmt",
        "DropdbStmt",
        "AlterDatabaseStmt",
        "AlterSubscriptionStmt",
        "AlterSystemStmt",
        "CreateTableSpaceStmt",
        "DropTableSpaceStmt",
        "CreateSubscriptionStmt",
        "DropSubscriptionStmt",
    ),
    check=check,
    doc=__doc__,
)
