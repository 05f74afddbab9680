"""An INSERT relies on the order of the columns.

## Hazard

Values go to columns by their place: one more column, or the same columns in another order on another server, and
values land in the wrong ones or the statement fails.

## When it bites

When `INSERT` names no columns; in the body of a function too, where it breaks with the next change of the table.
`DEFAULT VALUES` and a table of this migration are not reported.

## Unsafe

```sql
INSERT INTO notes VALUES (1, 'first');
```

## Safe

```sql
INSERT INTO notes (id, body) VALUES (1, 'first');
```

## Lock

None of its own.

## Versions

All.

## References

- https://www.postgresql.org/docs/current/sql-insert.html
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import Context, Group, Hazard, Rule
from lockgate.analysis.rules.data_facts import changes_of, is_own
from lockgate.sql.parse import Node
from lockgate.types import Severity


def check(_: Node, context: Context) -> Iterator[Hazard]:
    """INSERT without a list of columns."""
    for kind, tree in changes_of(context):
        if kind != "InsertStmt" or "cols" in tree or "selectStmt" not in tree:
            continue
        table = context.name(tree["relation"])
        if not is_own(context, table):
            yield Hazard(
                f"The values for {table} go to its columns by their order.",
                "One more column, or another order elsewhere, and they land in the wrong ones; name the columns.",
            )


RULE = Rule(
    id="insert-without-columns",
    group=Group.DATA,
    severity=Severity.INFO,
    on=(
        "InsertStmt",
        "SelectStmt",
        "UpdateStmt",
        "DeleteStmt",
    ),
    bodies=True,
    check=check,
    doc=__doc__,
)
