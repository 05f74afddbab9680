r"""A statement cannot be parsed, and nothing is known about it.

## Hazard

The server would refuse it too, if it is of the version of this parser (18) or older. Everything behind it is judged
without what it was to do.

## When it bites

With slips of the pen, with psql's own commands (`\copy`, `\i`), and with templates that another tool fills in.

## Unsafe

```sql
CREATE TABLE orders (id bigint PRIMARY KEY,);
```

## Safe

```sql
CREATE TABLE orders (id bigint PRIMARY KEY);
```

## Lock

None: the statement fails.

## Versions

All.

## References

- https://www.postgresql.org/docs/current/sql-commands.html
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import Context, Group, Hazard, Rule
from lockgate.sql.parse import Node
from lockgate.types import Severity


def check(_: Node, context: Context) -> Iterator[Hazard]:
    """A statement that is no SQL."""
    failure = context.statement.failure
    if failure is not None:
        yield Hazard(
            f"Cannot be parsed: {failure.message}.",
            f"At line {failure.position.line}, column {failure.position.column}; the server would refuse it too.",
        )


RULE = Rule(
    id="syntax-error",
    group=Group.FILES,
    severity=Severity.ERROR,
    on=("Unparsed",),
    check=check,
    doc=__doc__,
)
