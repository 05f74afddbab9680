"""A column is dropped while the old application still asks for it.

## Hazard

Every query of the running application that names the column fails from that moment; ORMs name all columns that they
knew at start-up. The data is gone, and only a backup brings it back.

## When it bites

On a table that exists already. In the last phase of a change (`-- lockgate: change NAME 3/3 contract`) the old
application is gone and only a remark is left; the loss of the data is the same.

## Unsafe

```sql
ALTER TABLE orders DROP COLUMN legacy_note;
```

## Safe

```sql
-- lockgate: change forget-legacy-note 2/2 contract
-- lockgate: gate "no deployed application reads legacy_note"
ALTER TABLE orders DROP COLUMN legacy_note;
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
from lockgate.sql.parse import Node
from lockgate.types import Severity


def check(command: Node, context: Context) -> Iterator[Hazard]:
    """DROP COLUMN of a column that was there before this file."""
    table, name = context.target, command.get("name", "")
    if context.is_unshared(table.name) or context.is_of_this_file("column", table.name, name):
        return
    if command.get("missing_ok") and not table.partial and table.column(name) is None:
        return
    yield Hazard(
        f"Drops {table.name}.{name}: its data is lost, and an application that names it fails.",
        f"ACCESS EXCLUSIVE lock on {table.name} for a moment. Stop using the column first, drop it in a later release.",
        severity=Severity.INFO if context.is_contract else None,
    )


RULE = Rule(
    id="drop-column",
    group=Group.COLUMNS,
    severity=Severity.ERROR,
    on=("AT_DropColumn",),
    called=True,
    check=check,
    doc=__doc__,
)
