"""A unique index fails when the table holds duplicates.

## Hazard

The build stops at the first duplicate, after it has read much of the table. A concurrent one leaves an invalid index
behind, which still costs every write.

## When it bites

On columns that hold rows already. Ask first: `SELECT email, count(*) FROM users GROUP BY email HAVING count(*) > 1
LIMIT 10`.

## Unsafe

```sql
CREATE UNIQUE INDEX CONCURRENTLY users_email_key ON users (email);
```

## Safe

Look for duplicates first, on production; repair them; make sure that the application writes no new ones; then build.

## Lock

None of its own.

## Versions

All.

## References

- https://www.postgresql.org/docs/current/indexes-unique.html
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import Context, Group, Hazard, Rule
from lockgate.analysis.view import Index, IndexKey
from lockgate.sql.identifiers import quote
from lockgate.sql.parse import Node, deparse_expression
from lockgate.types import Severity


def check(tree: Node, context: Context) -> Iterator[Hazard]:
    """A unique index on columns that were there before this file."""
    if not tree.get("unique"):
        return
    index = context.index
    columns = [key.column for key in index.keys if key.column]
    added = [name for name in columns if context.is_of_this_file("column", index.table, name)]
    if context.is_unshared(index.table) or added or _is_unique_already(index, context):
        return
    group = ", ".join(_in_words(key) for key in index.keys)
    yield Hazard(
        f"The unique index on {index.table} fails if ({group}) holds duplicates.",
        f"Look first: SELECT {group}, count(*) FROM {index.table.sql} GROUP BY {group} HAVING count(*) > 1 LIMIT 10",
    )


def _is_unique_already(index: Index, context: Context) -> bool:
    """Whether a unique index of the table has no other columns than this one."""
    columns = {key.column for key in index.keys}
    return any(
        other.unique
        and other.valid
        and other.predicate is None
        and {key.column for key in other.keys} <= columns
        for other in context.target.indexes
        if all(key.column for key in other.keys) and (other.name != index.name)
    )


def _in_words(key: IndexKey) -> str:
    return deparse_expression(key.expression) if key.expression else quote(key.column)


RULE = Rule(
    id="add-unique-index-may-fail",
    group=Group.INDEXES,
    severity=Severity.INFO,
    on=("IndexStmt",),
    check=check,
    doc=__doc__,
)
