"""A directive cannot be read.

## Hazard

`-- lockgate:` comments say how the file is run: one by one, in chunks, behind a gate. One that is misspelled is only
a comment, and the file runs another way than its author thinks.

## When it bites

With unknown words, missing reasons and directives that belong to another kind of statement.

## Unsafe

```sql
-- lockgate: no-transactions
CREATE INDEX CONCURRENTLY orders_user_id_idx ON orders (user_id);
```

## Safe

```sql
-- lockgate: no-transaction
CREATE INDEX CONCURRENTLY orders_user_id_idx ON orders (user_id);
```

## Lock

None.

## Versions

All.

## References

- https://www.postgresql.org/docs/current/sql-syntax-lexical.html#SQL-SYNTAX-COMMENTS
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import FILE_END, Context, Group, Hazard, Rule
from lockgate.errors import SourceError
from lockgate.sql.parse import Node, Statement
from lockgate.types import Position, Severity
from lockgate.values import replace


def check(_: Node, context: Context) -> Iterator[Hazard]:
    """At the end of the file: directives that the reader refused."""
    for error in context.source.directives.errors:
        steps = "; ".join(error.next_steps)
        why = steps or "A directive is read strictly."
        yield Hazard(f"{error.message} (line {error.line}).", why, at=_place(error, context))


def _place(error: SourceError, context: Context) -> Statement:
    """Where the comment stands, which belongs to the statement behind it."""
    line, statements = error.line or 1, context.source.script.statements
    behind = next((found for found in statements if found.start.line >= line), context.statement)
    place = Position(behind.start.offset, line, error.column or 1)
    return replace(behind, start=place, end=place)


RULE = Rule(
    id="directive-error",
    group=Group.FILES,
    severity=Severity.ERROR,
    on=(FILE_END,),
    check=check,
    doc=__doc__,
)
