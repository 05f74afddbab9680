"""A new table with a foreign key locks the old table that it points to.

## Hazard

`CREATE TABLE … REFERENCES users` adds triggers to `users`: SHARE ROW EXCLUSIVE until the end of the transaction. It
is granted at once on a quiet table; behind one long write it waits, and every write to `users` waits behind it.

## When it bites

When the referenced table is in use (`auth.users` is on every Supabase project). A `lock_timeout` turns the pile-up
into a quick failure that can be tried again; Lockgate's own runner sets one, and then this is only a remark.

## Unsafe

```sql
CREATE TABLE notes (id bigint PRIMARY KEY, user_id bigint REFERENCES users (id));
```

## Safe

```sql
CREATE TABLE notes (id bigint PRIMARY KEY, user_id bigint);
```

## Lock

SHARE ROW EXCLUSIVE on the referenced table. Without a lock_timeout: make the table first, and add the key `NOT VALID`
in a short transaction of its own with `SET lock_timeout = '2s'`.

## Versions

All.

## References

- https://www.postgresql.org/docs/current/explicit-locking.html#LOCKING-TABLES
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import Context, Group, Hazard, Rule
from lockgate.sql.parse import Node
from lockgate.types import LockMode, Severity


def check(_: Node, context: Context) -> Iterator[Hazard]:
    """A CREATE TABLE whose foreign keys point to tables that others use."""
    targets = [
        lock.relation
        for lock in context.locks
        if lock.mode is LockMode.SHARE_ROW_EXCLUSIVE and not context.is_unshared_text(lock.relation)
    ]
    if targets:
        yield Hazard(
            f"Making {context.target.name} locks {', '.join(targets)} for writes until the transaction ends.",
            "SHARE ROW EXCLUSIVE lock on the referenced table; behind a long write it waits, and all writes behind it.",
            severity=Severity.INFO if context.is_guarded else None,
        )


RULE = Rule(
    id="create-table-fk-locks-referenced",
    group=Group.CONSTRAINTS,
    severity=Severity.WARNING,
    on=("CreateStmt",),
    check=check,
    doc=__doc__,
)
