"""Dropping a table locks every table that its foreign keys point to.

## Hazard

`DROP TABLE` removes the triggers of its foreign keys from the referenced tables, which takes ACCESS EXCLUSIVE on each
of them, all at once and until the end of the transaction.

## When it bites

When the table has foreign keys to two or more tables that are in use.

## Unsafe

```sql
DROP TABLE order_items;
```

## Safe

```sql
-- lockgate: no-transaction
ALTER TABLE order_items DROP CONSTRAINT order_items_order_id_fkey;
ALTER TABLE order_items DROP CONSTRAINT order_items_product_id_fkey;
DROP TABLE order_items;
```

## Lock

ACCESS EXCLUSIVE on the table and on every referenced table.

## Versions

All.

## References

- https://www.postgresql.org/docs/current/sql-droptable.html
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import Context, Group, Hazard, Rule
from lockgate.analysis.rules.safe import alter_table, one_by_one
from lockgate.analysis.state import names
from lockgate.sql.identifiers import quote
from lockgate.sql.parse import Node
from lockgate.types import Severity


def check(drop: Node, context: Context) -> Iterator[Hazard]:
    """A dropped table whose foreign keys point to several tables that others use."""
    for item in drop.get("objects", ()):
        table = context.state.known(context.state.relation_name(*names.object_name(item)))
        foreign = [key for key in table.constraints if key.references and key.references != table.name]
        targets = {key.references: None for key in foreign if key.references}
        shared = [str(name) for name in targets if not context.is_unshared(name)]
        if len(shared) < 2:
            continue
        steps = [alter_table(table, f"DROP CONSTRAINT {quote(key.name)}") for key in foreign]
        yield Hazard(
            f"Dropping {table.name} locks {', '.join(shared)} too.",
            "ACCESS EXCLUSIVE lock on every table that its foreign keys point to, all at once.",
            safe=one_by_one(context, *steps, f"DROP TABLE {table.name.sql}"),
        )


RULE = Rule(
    id="drop-table-multiple-fks",
    group=Group.CONSTRAINTS,
    severity=Severity.WARNING,
    on=("DropStmt/OBJECT_TABLE",),
    check=check,
    doc=__doc__,
)
