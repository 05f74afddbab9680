"""A time-out is so long that it protects nobody.

## Hazard

While a statement waits for its lock, everything else waits behind it: a lock_timeout of a minute is a minute of
downtime. Zero means to wait for ever, and switches off what the runner has set.

## When it bites

When lock_timeout is set above `longest` of the rule's settings (5 s), or to zero with a strong lock on a table in use
behind it; when statement_timeout is set above `longest_statement` (1 h) and no long work under a weak lock, such as
CREATE INDEX CONCURRENTLY, stands behind it. Zero is right for such work, too, and is not reported.

## Unsafe

```sql
SET lock_timeout = '1min';
ALTER TABLE orders ADD COLUMN shop_id bigint;
```

## Safe

```sql
SET lock_timeout = '2s';
ALTER TABLE orders ADD COLUMN shop_id bigint;
```

## Lock

None of its own.

## Versions

All.

## References

- https://www.postgresql.org/docs/current/runtime-config-client.html#GUC-LOCK-TIMEOUT
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import Context, Group, Hazard, Rule
from lockgate.analysis.rules.guarding import long_work, takes_strong_lock
from lockgate.analysis.settings import changes, milliseconds
from lockgate.sql.parse import Node, Statement
from lockgate.types import Severity


def check(tree: Node, context: Context) -> Iterator[Hazard]:
    """A time-out that is set too long, or to none."""
    for change in changes(context.statement.kind, context.tree):
        value = milliseconds(change.value) if change.value is not None else None
        if value is None:
            continue
        if change.name == "lock_timeout" and value == 0:
            if _is_needed(context):
                yield Hazard(
                    "Every wait for a lock is without a limit from here on.",
                    "One long transaction on a table is enough to stop the application.",
                    safe=_shorter(context, change.local),
                )
        elif change.name == "lock_timeout" and value > _limit(context, "longest", "5s"):
            yield Hazard(
                f"While a lock is waited for, for up to {change.value}, everybody else waits behind it.",
                "A short time-out and another try keep the queue short.",
                safe=_shorter(context, change.local),
            )
        elif change.name == "statement_timeout" and value > _limit(context, "longest_statement", "1h"):
            if any(long_work(later.kind, later.tree) for later in _until_next(context, "statement_timeout")):
                continue
            yield Hazard(
                f"A statement may run for up to {change.value}.",
                "A limit that nobody waits for protects nobody.",
            )


def _limit(context: Context, key: str, default: str) -> float:
    return milliseconds(context.setting(RULE.id, key, default)) or 0


def _shorter(context: Context, local: bool) -> str:
    return "" if context.nested else f"SET {'LOCAL ' if local else ''}lock_timeout = '2s';"


def _is_needed(context: Context) -> bool:
    """Whether a later statement, before the next time-out, blocks writers of a table in use."""
    return any(takes_strong_lock(context, later) for later in _until_next(context, "lock_timeout"))


def _until_next(context: Context, name: str) -> Iterator[Statement]:
    """The statements behind this one, up to the next that sets the same."""
    for statement in context.source.script.statements[context.statement.index + 1 :]:
        if any(change.name in (name, "all") for change in changes(statement.kind, statement.tree)):
            return
        yield statement


RULE = Rule(
    id="lock-timeout-too-long",
    group=Group.TRANSACTIONS,
    severity=Severity.WARNING,
    on=(
        "VariableSetStmt",
        "SelectStmt",
    ),
    check=check,
    doc=__doc__,
    settings={"longest": str, "longest_statement": str},
)
