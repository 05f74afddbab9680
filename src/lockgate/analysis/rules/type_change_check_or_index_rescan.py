"""A harmless change of type rebuilds an index or reads the table after all.

## Hazard

The stored values can stay, so nothing is written anew. But a CHECK on the column is tested again, an index under
another collation or operator class is built again, a foreign key is looked up again: all under ACCESS EXCLUSIVE.

## When it bites

When the column is part of a CHECK, or of an index whose order changes (`text` to `varchar` with an operator class of
its own, a new `COLLATE`).

## Unsafe

```sql
ALTER TABLE orders ALTER COLUMN note TYPE text COLLATE "C";
```

## Safe

```sql
-- lockgate: no-transaction
DROP INDEX CONCURRENTLY orders_note_idx;
ALTER TABLE orders ALTER COLUMN note TYPE text COLLATE "C";
CREATE INDEX CONCURRENTLY orders_note_idx ON orders (note);
```

## Lock

ACCESS EXCLUSIVE for a scan or an index build.

## Versions

All.

## References

- https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-NOTES
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import Context, Group, Hazard, Rule
from lockgate.sql.parse import Node
from lockgate.types import Severity


def check(command: Node, context: Context) -> Iterator[Hazard]:
    """ALTER COLUMN … TYPE without a rewrite that reads or indexes the table all the same."""
    table, name = context.target, command.get("name", "")
    lock = context.lock_of(command)
    if context.is_unshared(table.name) or table.column(name) is None or lock is None or lock.rewrite:
        return
    if lock.index_build or lock.scan:
        does = "Builds indexes of" if lock.index_build else "Reads all of"
        yield Hazard(
            f"{does} {table.name} while nobody can read or write it, because {name} changes its type.",
            f"{lock.mode.sql_name} lock on {table.name}: the values stay, but what is built on them does not.",
        )


RULE = Rule(
    id="type-change-check-or-index-rescan",
    group=Group.COLUMNS,
    severity=Severity.ERROR,
    on=("AT_AlterColumnType",),
    check=check,
    doc=__doc__,
)
