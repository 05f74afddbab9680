"""A new serial column writes the whole table anew.

## Hazard

`serial` is a default of `nextval()`, which differs from row to row: the table and all its indexes are written anew
under ACCESS EXCLUSIVE.

## When it bites

On a table that exists already and holds rows.

## Unsafe

```sql
ALTER TABLE orders ADD COLUMN number bigserial;
```

## Safe

```sql
ALTER TABLE orders ADD COLUMN number bigint;
CREATE SEQUENCE orders_number_seq OWNED BY orders.number;
ALTER TABLE orders ALTER COLUMN number SET DEFAULT nextval('orders_number_seq');
```

## Lock

ACCESS EXCLUSIVE until the table and its indexes are written anew. The safe way numbers new rows from the sequence;
fill the old ones in chunks.

## Versions

All.

## References

- https://www.postgresql.org/docs/current/datatype-numeric.html#DATATYPE-SERIAL
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import Context, Group, Hazard, Rule
from lockgate.analysis.rules.safe import from_sequence
from lockgate.sql.parse import Node
from lockgate.types import Severity


def check(command: Node, context: Context) -> Iterator[Hazard]:
    """ADD COLUMN … serial on a table that others use."""
    spec, table = context.added_column(command), context.target
    if spec is not None and spec.serial:
        yield Hazard(
            f"Writes all of {table.name} anew to number its rows.",
            f"ACCESS EXCLUSIVE lock on {table.name} until the table and its indexes are written anew.",
            safe=from_sequence(context, table, spec),
        )


RULE = Rule(
    id="add-column-serial",
    group=Group.COLUMNS,
    severity=Severity.ERROR,
    on=("AT_AddColumn",),
    check=check,
    doc=__doc__,
)
