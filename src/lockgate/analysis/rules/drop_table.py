"""A table is dropped: its data is gone, and the old application fails.

## Hazard

Only a backup brings the rows back. Every query of a running application that names the table fails from that moment.

## When it bites

On a table that exists already, and with `DROP OWNED`, which names none. In the last phase of a change
(`-- lockgate: change NAME 3/3 contract`) the old application is gone and only a remark is left; the loss of the data
is the same.

## Unsafe

```sql
DROP TABLE legacy_orders;
```

## Safe

```sql
-- lockgate: change forget-legacy-orders 2/2 contract
-- lockgate: gate "no deployed application reads legacy_orders, and its backup has been restored once"
DROP TABLE legacy_orders;
```

## Lock

ACCESS EXCLUSIVE on the table and on every table that its foreign keys point to.

## Versions

All.

## References

- https://www.postgresql.org/docs/current/sql-droptable.html
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import Context, Group, Hazard, Rule
from lockgate.analysis.state import names
from lockgate.analysis.state.security import roles
from lockgate.sql.parse import Node
from lockgate.types import Severity


def check(drop: Node, context: Context) -> Iterator[Hazard]:
    """DROP TABLE of a table that was there before this file, or DROP OWNED of all that a role has."""
    if "roles" in drop:
        yield Hazard(
            f"Drops every table that {', '.join(roles(drop['roles']))} owns, and whatever else: the data is lost.",
            "Hand it to another role first (REASSIGN OWNED), and drop what is to go by its name.",
        )
    for item in drop.get("objects", ()):
        schema, name = names.object_name(item)
        table = context.state.relation_name(schema, name)
        if context.is_unshared(table) or context.is_of_this_file("relation", table):
            continue
        yield Hazard(
            f"Drops {table}: its data is lost, and an application that reads it fails.",
            "Stop using it first, keep a backup that has been restored once, and drop it in a later release.",
            severity=Severity.INFO if context.is_contract else None,
        )


RULE = Rule(
    id="drop-table",
    group=Group.TABLES,
    severity=Severity.ERROR,
    on=("DropStmt/OBJECT_TABLE", "DropOwnedStmt"),
    called=True,
    check=check,
    doc=__doc__,
)
