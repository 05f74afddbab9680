"""With the column go constraints and indexes that name other columns too.

## Hazard

`DROP COLUMN` silently removes every unique constraint, primary key, foreign key, check and index that the column is
part of. What was unique over `(tenant_id, email)` is unique no more.

## When it bites

When the column is part of something that covers more than the column itself, or of a key.

## Unsafe

```sql
ALTER TABLE users DROP COLUMN tenant_id;
```

## Safe

```sql
CREATE UNIQUE INDEX CONCURRENTLY users_email_key ON users (email);
ALTER TABLE users ADD CONSTRAINT users_email_key UNIQUE USING INDEX users_email_key;
```

## Lock

ACCESS EXCLUSIVE for a moment.

## Versions

All.

## References

- https://www.postgresql.org/docs/current/sql-altertable.html
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import Context, Group, Hazard, Rule
from lockgate.analysis.rules.column_facts import mentions_column
from lockgate.analysis.view import Index, Relation
from lockgate.sql.parse import Node
from lockgate.types import Severity


def check(command: Node, context: Context) -> Iterator[Hazard]:
    """DROP COLUMN that takes keys, or constraints and indexes over several columns, with it."""
    table, name = context.target, command.get("name", "")
    if context.is_unshared(table.name):
        return
    lost = [*_constraints(table, name), *(i.name.name for i in table.indexes if _is_lost(i, name))]
    if lost:
        yield Hazard(
            f"Dropping {table.name}.{name} also drops {', '.join(lost)}.",
            "The server removes them without a word; what they kept out can come in.",
        )


def _constraints(table: Relation, column: str) -> Iterator[str]:
    for constraint in table.constraints:
        alone = len(constraint.columns) == 1 and constraint.kind in ("check", "not null")
        if column in constraint.columns and not alone:
            yield constraint.name


def _is_lost(index: Index, column: str) -> bool:
    """An index over more than the column; the indexes of constraints are told with them."""
    if index.constraint:
        return False
    keys = [key for key in index.keys if key.column == column or mentions_column(key.expression, column)]
    named = bool(keys) or column in index.include or mentions_column(index.predicate, column)
    return named and (index.unique or len(index.keys) > len(keys))


RULE = Rule(
    id="drop-column-drops-constraint",
    group=Group.COLUMNS,
    severity=Severity.WARNING,
    on=("AT_DropColumn",),
    check=check,
    doc=__doc__,
)
