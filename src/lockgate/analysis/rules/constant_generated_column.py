"""A generated column always has the same value.

## Hazard

The expression names no column, so every row holds the same value. It can never be written, and changing it later
means to write the table anew.

## When it bites

Usually where a DEFAULT was meant.

## Unsafe

```sql
CREATE TABLE notes (id bigint PRIMARY KEY, kind text GENERATED ALWAYS AS ('note') STORED);
```

## Safe

```sql
CREATE TABLE notes (id bigint PRIMARY KEY, kind text DEFAULT 'note');
```

## Lock

None of its own.

## Versions

12 and later.

## References

- https://www.postgresql.org/docs/current/ddl-generated-columns.html
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.locks.expressions import columns_in
from lockgate.analysis.rules.base import Context, Group, Hazard, Rule
from lockgate.sql.parse import Node
from lockgate.types import Severity


def check(node: Node, context: Context) -> Iterator[Hazard]:
    """GENERATED ALWAYS AS an expression without a column."""
    spec = context.column(node)
    if spec.column.generated and spec.column.default and not columns_in(spec.column.default):
        yield Hazard(
            f"The generated column {spec.name} of {context.target.name} has the same value in every row.",
            "Its expression names no column; a DEFAULT says the same and can be changed.",
        )


RULE = Rule(
    id="constant-generated-column",
    group=Group.COLUMNS,
    severity=Severity.WARNING,
    inside=("ColumnDef",),
    check=check,
    doc=__doc__,
)
