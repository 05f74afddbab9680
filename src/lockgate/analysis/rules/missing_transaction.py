"""Several statements that cannot be repeated run without a transaction.

## Hazard

When one of them fails, those before it stay: the database is neither as before nor as it should be, and the next run
stops at what is there already.

## When it bites

With psql and sqitch without `BEGIN`, and in files that ask their runner not to wrap them, when two statements or more
would fail the second time. Lockgate remembers each statement of such a file and goes on where it stopped: there it is
a remark.

## Unsafe

```sql
-- lockgate: no-transaction
CREATE TABLE notes (id bigint PRIMARY KEY);
ALTER TABLE orders ADD COLUMN note_id bigint;
```

## Safe

```sql
BEGIN;
CREATE TABLE notes (id bigint PRIMARY KEY);
ALTER TABLE orders ADD COLUMN note_id bigint;
COMMIT;
```

## Lock

None of its own.

## Versions

All.

## References

- https://www.postgresql.org/docs/current/tutorial-transactions.html
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import FILE_END, Context, Group, Hazard, Rule
from lockgate.analysis.rules.rerun_facts import is_repeatable
from lockgate.analysis.transactions import must_run_outside
from lockgate.sql.parse import Node, Statement
from lockgate.types import Severity


def check(_: Node, context: Context) -> Iterator[Hazard]:
    """At the end of the file: statements outside of every transaction that cannot run twice."""
    remembers = context.session.runner.guards and context.options.transaction == "auto"
    if context.session.wraps:
        return
    loose = [statement for statement in _outside(context) if not is_repeatable(statement)]
    if len(loose) < 2:
        return
    apart = [statement for statement in loose if must_run_outside(statement.kind, statement.tree)]
    yield Hazard(
        f"{len(loose)} statements that cannot be repeated run one by one: a failure leaves the first of them in place.",
        "Put those that refuse a transaction into files of their own, and the rest between BEGIN and COMMIT."
        if apart
        else "The next run stops at what is there already; put them between BEGIN and COMMIT.",
        at=loose[0],
        severity=Severity.INFO if remembers else None,
    )


def _outside(context: Context) -> Iterator[Statement]:
    inside = False
    for statement in context.source.script.statements:
        if statement.kind == "TransactionStmt":
            kind = statement.tree.get("kind", "TRANS_STMT_BEGIN")
            inside = kind in ("TRANS_STMT_BEGIN", "TRANS_STMT_START") or (
                inside and kind not in ("TRANS_STMT_COMMIT", "TRANS_STMT_ROLLBACK", "TRANS_STMT_PREPARE")
            )
        elif not inside:
            yield statement


RULE = Rule(
    id="missing-transaction",
    group=Group.RERUN,
    severity=Severity.WARNING,
    on=(FILE_END,),
    opt_in=True,
    check=check,
    doc=__doc__,
)
