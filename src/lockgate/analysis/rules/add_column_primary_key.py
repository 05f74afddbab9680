"""A new column becomes the primary key at once.

## Hazard

`ADD COLUMN … PRIMARY KEY` must give every old row a value and build a unique index over them, all under ACCESS
EXCLUSIVE. With a sequence or a volatile default the whole table is written anew; without a default the statement
fails on the first old row.

## When it bites

On a table that exists already and holds rows.

## Unsafe

```sql
ALTER TABLE logs ADD COLUMN id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY;
```

## Safe

```sql
ALTER TABLE logs ADD COLUMN id bigint;
CREATE SEQUENCE logs_id_seq OWNED BY logs.id;
ALTER TABLE logs ALTER COLUMN id SET DEFAULT nextval('logs_id_seq');
```

## Lock

ACCESS EXCLUSIVE while the table is written anew and the index is built. The safe way begins with a nullable column
and its default for new rows; fill the old rows in chunks, make the column NOT NULL through a validated constraint,
build a unique index concurrently and add the primary key `USING INDEX`.

## Versions

All.

## References

- https://www.postgresql.org/docs/current/sql-altertable.html
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import Context, Group, Hazard, Rule
from lockgate.sql.parse import Node
from lockgate.types import Severity


def check(command: Node, context: Context) -> Iterator[Hazard]:
    """ADD COLUMN … PRIMARY KEY on a table that others use."""
    column, table = context.added_column(command), context.target
    if column is None or column.constraint("primary key") is None:
        return
    yield Hazard(
        f"Gives {table.name} the primary key {column.name} while nobody can read or write it.",
        f"ACCESS EXCLUSIVE lock on {table.name} while every row gets a value and the index is built.",
    )


RULE = Rule(
    id="add-column-primary-key",
    group=Group.CONSTRAINTS,
    severity=Severity.ERROR,
    on=("AT_AddColumn",),
    check=check,
    doc=__doc__,
)
