"""A column is set to itself.

## Hazard

The row is written anew although nothing changes: as much log, bloat and locking as a real update, and every trigger
fires.

## When it bites

When `SET` assigns a column its own value, in `UPDATE` or `ON CONFLICT DO UPDATE`. Where the triggers are what is
wanted, say so with an ignore directive.

## Unsafe

```sql
UPDATE notes SET body = body WHERE id < 1000;
```

## Safe

```sql
UPDATE notes SET body = trim(body) WHERE body <> trim(body) AND id < 1000;
```

## Lock

Row locks until the end of the transaction.

## Versions

All.

## References

- https://www.postgresql.org/docs/current/routine-vacuuming.html
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import Context, Group, Hazard, Rule
from lockgate.analysis.rules.data_facts import changes_of
from lockgate.analysis.state import names
from lockgate.sql.parse import Node
from lockgate.types import Severity


def check(_: Node, context: Context) -> Iterator[Hazard]:
    """SET column = column."""
    for kind, tree in changes_of(context):
        targets = tree.get("targetList", []) if kind == "UpdateStmt" else []
        targets = [*targets, *tree.get("onConflictClause", {}).get("targetList", [])]
        names_of_table = {tree["relation"].get("relname"), tree["relation"].get("alias", {}).get("aliasname")}
        for item in targets:
            column = _is_itself(item["ResTarget"], names_of_table)
            if column:
                yield Hazard(
                    f"{column} of {context.name(tree['relation'])} is set to itself.",
                    "The row is written anew although nothing changes, and its triggers fire.",
                )


def _is_itself(target: Node, tables: set[str | None]) -> str:
    value = target.get("val", {})
    several = value.get("MultiAssignRef", {})
    if several:  # (a, b) = (…, …)
        parts = several.get("source", {}).get("RowExpr", {}).get("args", [])
        value = parts[several["colno"] - 1] if len(parts) == several.get("ncolumns") else {}
    fields = value.get("ColumnRef", {}).get("fields", [])
    if "indirection" in target or not fields or not all("String" in field for field in fields):
        return ""
    *table, column = [names.text(field) for field in fields]
    same = column == target.get("name") and (not table or table[-1] in tables)
    return column if same else ""


RULE = Rule(
    id="self-assigning-column",
    group=Group.DATA,
    severity=Severity.WARNING,
    on=(
        "InsertStmt",
        "UpdateStmt",
        "DeleteStmt",
        "SelectStmt",
    ),
    called=True,
    check=check,
    doc=__doc__,
)
