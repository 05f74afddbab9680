"""One transaction locks several tables in use.

## Hazard

It waits for the second table while it stops the first. Two migrations, or a migration and a busy application, that
lock the same tables in different order wait for each other until one of them is killed (SQLSTATE 40P01).

## When it bites

When different statements of a transaction take SHARE or more on two tables in use; it is told once, at the second
table. Also when one `LOCK TABLE`, `DROP TABLE` or `TRUNCATE` names two of them. Under a lock_timeout, of the file or of
the runner, the wait is short: then it is a remark for those who select the rule.

## Unsafe

```sql
ALTER TABLE orders ADD COLUMN colour text;
ALTER TABLE notes ADD COLUMN colour text;
```

## Safe

```sql
-- lockgate: no-transaction
ALTER TABLE orders ADD COLUMN colour text;
ALTER TABLE notes ADD COLUMN colour text;
```

## Lock

The locks of all statements together, until the end.

## Versions

All.

## References

- https://www.postgresql.org/docs/current/explicit-locking.html#LOCKING-DEADLOCKS
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import ANY_STATEMENT, Context, Group, Hazard, Rule
from lockgate.analysis.rules.guarding import shared_locks
from lockgate.analysis.rules.safe import one_by_one
from lockgate.analysis.state import names
from lockgate.sql.parse import Node
from lockgate.types import LockMode, Severity


def check(_: Node, context: Context) -> Iterator[Hazard]:
    """The second table in use that a transaction locks."""
    if not context.locks or not context.in_transaction:
        return
    if context.is_guarded and not context.is_selected(RULE):
        return
    held = context.held(LockMode.SHARE)
    if not held:
        yield from _several_at_once(context)
    if len({(lock.statement, lock.step) for lock in held}) != 1:
        return
    known = {lock.relation for lock in held}
    added = [lock.relation for lock in shared_locks(context, LockMode.SHARE)]
    new = [relation for relation in added if relation not in known]
    if new and not known & set(added):
        yield _hazard(context, list(known), new, held[0].statement)


def _several_at_once(context: Context) -> Iterator[Hazard]:
    kind, tree = context.statement.kind, context.tree
    key = {"LockStmt": "relations", "TruncateStmt": "relations", "DropStmt": "objects"}.get(kind, "")
    if len(tree.get(key, ())) < 2 or tree.get("removeType", "OBJECT_TABLE") != "OBJECT_TABLE":
        return
    named = {str(context.state.relation_name(*names.object_name(item))) for item in tree[key]}
    locked = [lock.relation for lock in shared_locks(context, LockMode.SHARE) if lock.relation in named]
    if len(locked) > 1:
        yield Hazard(
            f"One statement locks {', '.join(locked)}.",
            "While it waits for the next it stops the one before; in another order elsewhere it ends in a deadlock.",
            severity=Severity.INFO if context.is_guarded else None,
        )


def _hazard(context: Context, known: list[str], new: list[str], first: int) -> Hazard:
    statement = context.source.script.statements[first]
    return Hazard(
        f"One transaction locks {', '.join(known)} and then {', '.join(new)}.",
        "While it waits for the second it stops the first; taken in another order elsewhere it ends in a deadlock.",
        safe="" if context.nested else one_by_one(context, statement.sql, context.statement.sql),
        severity=Severity.INFO if context.is_guarded else None,
    )


RULE = Rule(
    id="wide-lock-window",
    group=Group.TRANSACTIONS,
    severity=Severity.WARNING,
    on=(ANY_STATEMENT,),
    check=check,
    doc=__doc__,
)
