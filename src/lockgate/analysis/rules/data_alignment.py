"""The order of the columns wastes room in every row.

## Hazard

Values begin at multiples of their alignment: a `boolean` before a `bigint` costs seven empty bytes, in every row, on
disk and in memory.

## When it bites

On tables with many rows. Put the wide fixed types first (`bigint`, `timestamptz`), then the narrow ones, then `text`
and the like.

## Unsafe

```sql
CREATE TABLE flags (a boolean, b bigint, c boolean, d bigint, e boolean, f bigint);
```

## Safe

```sql
CREATE TABLE flags (b bigint, d bigint, f bigint, a boolean, c boolean, e boolean);
```

## Lock

None of its own.

## Versions

All.

## References

- https://www.postgresql.org/docs/current/storage-page-layout.html
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import FILE_END, Context, Group, Hazard, Rule
from lockgate.analysis.rules.column_facts import made_tables, padding
from lockgate.sql.parse import Node
from lockgate.types import Severity


def check(_: Node, context: Context) -> Iterator[Hazard]:
    """At the end of the file: tables of this file that another order would make smaller by 8 bytes a row or more."""
    for table, birth in made_tables(context):
        types = [context.state.base_type(column.type) for column in table.columns]
        wasted = padding(types)
        if wasted >= 8:
            yield Hazard(
                f"The column order of {table.name} wastes {wasted} bytes in every row.",
                "Put the widest fixed types first, then the narrow ones, then text and the like.",
                at=birth,
            )


RULE = Rule(
    id="data-alignment",
    group=Group.TABLES,
    severity=Severity.INFO,
    on=(FILE_END,),
    opt_in=True,
    check=check,
    doc=__doc__,
)
