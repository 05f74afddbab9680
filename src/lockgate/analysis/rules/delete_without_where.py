"""Every row of a table is deleted.

## Hazard

The rows are gone for every reader as soon as it is committed, and until then each one is locked. A forgotten WHERE
looks the same.

## When it bites

When `DELETE` has no WHERE, or one that is always true, on a table that exists already. A delete that Lockgate runs in
chunks (`-- lockgate: backfill`) and tables of this migration are not reported. In the body of a function
it is a remark.

## Unsafe

```sql
DELETE FROM notes;
```

## Safe

```sql
DELETE FROM notes WHERE body IS NULL;
```

## Lock

Row locks on the whole table until the end of the transaction.

## Versions

All.

## References

- https://www.postgresql.org/docs/current/sql-delete.html
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import Context, Group, Hazard, Rule
from lockgate.analysis.rules.data_facts import changed_as_a_whole
from lockgate.sql.parse import Node
from lockgate.types import Severity


def check(_: Node, context: Context) -> Iterator[Hazard]:
    """DELETE of every row of a table in use."""
    for _tree, table in changed_as_a_whole(context, "DeleteStmt"):
        yield Hazard(
            f"Every row of {table} is deleted.",
            "The data is gone with the commit; until then all rows are locked.",
        )


RULE = Rule(
    id="delete-without-where",
    group=Group.DATA,
    severity=Severity.ERROR,
    on=(
        "UpdateStmt",
        "SelectStmt",
        "InsertStmt",
        "DeleteStmt",
    ),
    called=True,
    check=check,
    doc=__doc__,
)
