"""A change of the schema and a change of many rows share a transaction.

## Hazard

The lock that the schema change took stays until the last row is written; and behind a change of rows, `ALTER TABLE`
on the same table fails when triggers are still to be run (SQLSTATE 55006). A failure at the last row undoes the
schema change as well.

## When it bites

When one transaction holds a strong lock on a table in use and updates, deletes or copies rows of such a table, in
either order. Rows that the file brings along (`INSERT … VALUES`), tables of this migration, and a change that
Lockgate runs in chunks are not reported.

## Unsafe

```sql
ALTER TABLE orders ADD COLUMN colour text;
UPDATE orders SET colour = 'red' WHERE note IS NULL;
```

## Safe

```sql
-- lockgate: no-transaction
ALTER TABLE orders ADD COLUMN colour text;
UPDATE orders SET colour = 'red' WHERE note IS NULL;
```

## Lock

That of the schema change, for as long as the rows take.

## Versions

All.

## References

- https://www.postgresql.org/docs/current/explicit-locking.html
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import ANY_STATEMENT, Context, Group, Hazard, Rule
from lockgate.analysis.rules.data_facts import CHANGES, changes_of, is_backfilled, is_literal, is_own
from lockgate.analysis.rules.guarding import shared_locks
from lockgate.analysis.rules.safe import one_by_one
from lockgate.migration.directives import Backfill
from lockgate.sql.identifiers import QualifiedName
from lockgate.sql.parse import Node, Statement
from lockgate.types import LockMode, Severity


def check(_: Node, context: Context) -> Iterator[Hazard]:
    """Rows changed while a strong lock is held, or a strong lock taken after rows were changed."""
    if not (context.locks and context.in_transaction) or is_backfilled(context):
        return
    held = context.held(LockMode.SHARE)
    if held:
        changed = _first_changed(context)
        if changed is not None:
            listed = ", ".join(dict.fromkeys(lock.relation for lock in held))
            stays = "stays" if len(held) == 1 else "stay"
            message = f"{listed} {stays} locked while rows of {changed} are changed."
            yield _hazard(context, message, held[0].statement)
    elif shared_locks(context, LockMode.SHARE):
        before = _changed_before(context)
        if before is not None:
            what = "The rows that were changed before are locked until this has its lock and is committed."
            yield _hazard(context, what, before.index)


def _hazard(context: Context, message: str, first: int) -> Hazard:
    statement = context.source.script.statements[first]
    return Hazard(
        message,
        "Locks are kept until the end of the transaction: commit between schema and rows, best in two migrations.",
        safe="" if context.nested else one_by_one(context, statement.sql, context.statement.sql),
    )


def _first_changed(context: Context) -> QualifiedName | None:
    """The first table in use of which the statement changes many rows."""
    if context.statement.kind == "CopyStmt" and context.tree.get("is_from"):
        return None if is_own(context, context.target.name) else context.target.name
    changed = (name for kind, tree in changes_of(context) for name in _many_rows(kind, tree, context))
    return next(changed, None)


def _many_rows(kind: str, tree: Node, context: Context) -> Iterator[QualifiedName]:
    name = context.name(tree["relation"])
    if not (is_own(context, name) or (kind == "InsertStmt" and is_literal(tree))):
        yield name


def _changed_before(context: Context) -> Statement | None:
    directives = {found.statement for found in context.source.directives.of(Backfill)}
    for statement in context.transaction.statements:
        if statement.kind not in CHANGES or statement.index in directives:
            continue
        if any(True for _ in _many_rows(statement.kind, statement.tree, context)):
            return statement
    return None


RULE = Rule(
    id="mixed-schema-and-data",
    group=Group.TRANSACTIONS,
    severity=Severity.WARNING,
    on=(ANY_STATEMENT,),
    check=check,
    doc=__doc__,
)
