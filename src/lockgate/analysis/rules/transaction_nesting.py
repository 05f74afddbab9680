"""The file opens or ends transactions that are not its own.

## Hazard

A `BEGIN` in a transaction that the runner has opened does nothing but warn; the `COMMIT` that follows ends the
runner's transaction: what comes after it, and the runner's own record of the migration, are not part of it any more.
When something fails then, half of the file stays.

## When it bites

With runners that wrap a file. Lockgate keeps a `BEGIN … COMMIT` of the file as a boundary and the Supabase CLI steps
back, where it is a warning: the file means something else with every other runner, and the CLI records the migration
outside. Also a `BEGIN` in a transaction of the file, and a `COMMIT` or `ROLLBACK` without a `BEGIN`. psql and sqitch
leave transactions to the file.

## Unsafe

```sql
BEGIN;
ALTER TABLE orders ADD COLUMN colour text;
COMMIT;
```

## Safe

```sql
ALTER TABLE orders ADD COLUMN colour text;
```

## Lock

None of its own.

## Versions

All.

## References

- https://www.postgresql.org/docs/current/sql-begin.html
- https://www.postgresql.org/docs/current/sql-commit.html
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import Context, Group, Hazard, Rule
from lockgate.sql.parse import Node
from lockgate.types import Severity

_BEGIN = frozenset({"TRANS_STMT_BEGIN", "TRANS_STMT_START"})
_END = frozenset({"TRANS_STMT_COMMIT", "TRANS_STMT_ROLLBACK", "TRANS_STMT_PREPARE"})


def check(tree: Node, context: Context) -> Iterator[Hazard]:
    """BEGIN, COMMIT and ROLLBACK that do not mean what they say."""
    kind = tree.get("kind", "TRANS_STMT_BEGIN")
    if kind in _BEGIN:
        yield from _begin(context)
    elif kind in _END and not context.transaction.by_file and not _was_begun(context):
        word = kind.rpartition("_")[2]
        if context.transaction.block == "explicit":
            yield Hazard(
                f"{word} ends the transaction that the runner has opened.",
                "What follows, and the record that the migration ran, are not part of it any more.",
            )
        else:
            yield Hazard(
                f"{word} without a BEGIN does nothing.", "The server only warns.", severity=Severity.WARNING
            )


def _begin(context: Context) -> Iterator[Hazard]:
    transaction, runner = context.transaction, context.session.runner
    if not transaction.by_file or transaction.begun_at != context.statement.index:
        if transaction.by_file:
            yield Hazard(
                "BEGIN in a transaction does nothing: the first COMMIT ends the whole.",
                "The server only warns; there are no nested transactions, a savepoint is what is meant.",
                severity=Severity.WARNING,
            )
        else:
            yield Hazard(
                "BEGIN does nothing in the transaction that the runner has opened, and COMMIT ends that one.",
                "What follows, and the record that the migration ran, are not part of it any more.",
            )
    elif context.options.transaction == "auto" and not context.source.no_transaction:
        if runner.own_control == "boundary":
            yield Hazard(
                "The runner opens the transaction; BEGIN and COMMIT in the file are not needed.",
                "Another runner takes them for its own, or records the migration outside of them.",
                severity=Severity.WARNING,
            )
        elif runner.name == "supabase":
            yield Hazard(
                "With BEGIN in the file the CLI runs it statement by statement and records it outside the transaction.",
                "When something fails after the COMMIT, half of the file stays and the next push stops at it.",
                severity=Severity.WARNING,
            )


def _was_begun(context: Context) -> bool:
    """Whether a BEGIN before, which was reported, explains this COMMIT."""
    depth = 0
    for statement in context.source.script.statements[: context.statement.index]:
        if statement.kind == "TransactionStmt":
            kind = statement.tree.get("kind", "TRANS_STMT_BEGIN")
            depth = 1 if kind in _BEGIN else 0 if kind in _END else depth
    return depth > 0


RULE = Rule(
    id="transaction-nesting",
    group=Group.TRANSACTIONS,
    severity=Severity.ERROR,
    on=("TransactionStmt",),
    check=check,
    doc=__doc__,
)
