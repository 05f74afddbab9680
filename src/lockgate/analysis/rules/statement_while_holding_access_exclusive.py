"""A transaction that nobody can pass goes on working.

## Hazard

Locks are kept until the transaction ends. Whatever runs after a statement with ACCESS EXCLUSIVE runs while nobody can
read or write that table, however harmless it would be alone.

## When it bites

When an earlier statement of the transaction took ACCESS EXCLUSIVE on a table in use, and this one takes its time: it
reads or copies rows, refreshes a view, waits, or calls a procedure or a function of the user's. Changes of rows, index
builds and validations have rules of their own, and statements that only touch the catalog take no time; whoever
selects the rule hears of those too, as remarks.

## Unsafe

```sql
ALTER TABLE orders ADD COLUMN colour text;
SELECT count(*) FROM notes;
```

## Safe

```sql
-- lockgate: no-transaction
ALTER TABLE orders ADD COLUMN colour text;
SELECT count(*) FROM notes;
```

## Lock

ACCESS EXCLUSIVE of the earlier statement, until the end.

## Versions

All.

## References

- https://www.postgresql.org/docs/current/explicit-locking.html
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import ANY_STATEMENT, Context, Group, Hazard, Rule
from lockgate.analysis.rules.safe import one_by_one
from lockgate.analysis.state import names
from lockgate.sql.parse import Node, walk
from lockgate.types import LockMode, Severity

_NEVER = frozenset({"TransactionStmt", "VariableSetStmt", "VariableShowStmt", "ConstraintsSetStmt", "DoStmt"})
_SLOW = frozenset({"CopyStmt", "CallStmt", "VacuumStmt"})


def check(tree: Node, context: Context) -> Iterator[Hazard]:
    """A statement behind ACCESS EXCLUSIVE, in the same transaction."""
    kind = context.statement.kind
    if kind in _NEVER or not context.in_transaction:
        return
    slow = _takes_its_time(kind, tree, context)
    if not (slow or context.is_selected(RULE)):
        return
    held = context.held(LockMode.ACCESS_EXCLUSIVE)
    if not held:
        return
    listed = ", ".join(dict.fromkeys(lock.relation for lock in held))
    first = context.source.script.statements[held[0].statement]
    yield Hazard(
        f"Nobody can use {listed} while this runs.",
        f"The transaction holds ACCESS EXCLUSIVE since line {first.line}; commit first.",
        safe="" if context.nested else one_by_one(context, first.sql, context.statement.sql),
        severity=None if slow else Severity.INFO,
    )


def _takes_its_time(kind: str, tree: Node, context: Context) -> bool:
    if kind in ("RefreshMatViewStmt", "CreateTableAsStmt"):
        return not tree.get("into", tree).get("skipData")
    if kind == "SelectStmt":
        tables = (
            context.name(node) for found, node in walk(tree.get("fromClause", [])) if found == "RangeVar"
        )
        calls = (names.dotted(node["funcname"]) for found, node in walk(tree) if found == "FuncCall")
        return any(name.schema not in ("pg_catalog", "information_schema") for name in tables) or any(
            name.startswith("pg_sleep") or context.state.functions(schema, name) for schema, name in calls
        )
    return kind in _SLOW


RULE = Rule(
    id="statement-while-holding-access-exclusive",
    group=Group.TRANSACTIONS,
    severity=Severity.WARNING,
    on=(ANY_STATEMENT,),
    check=check,
    doc=__doc__,
)
