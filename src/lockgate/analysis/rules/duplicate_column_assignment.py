"""A column is assigned twice in one statement.

## Hazard

The server refuses it (SQLSTATE 42601 for UPDATE, 42701 for INSERT), and the migration fails.

## When it bites

In the list of an `INSERT`, in `SET` of an `UPDATE`, and in `ON CONFLICT DO UPDATE SET`; in function bodies too. Parts
of one column (`tags[1]`, `address.street`) may be assigned side by side.

## Unsafe

```sql
UPDATE notes SET body = 'a', body = 'b' WHERE id = 1;
```

## Safe

```sql
UPDATE notes SET body = 'b' WHERE id = 1;
```

## Lock

None: the statement fails.

## Versions

All.

## References

- https://www.postgresql.org/docs/current/sql-update.html
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import Context, Group, Hazard, Rule
from lockgate.analysis.rules.data_facts import changes_of
from lockgate.sql.parse import Node
from lockgate.types import Severity


def check(_: Node, context: Context) -> Iterator[Hazard]:
    """A column that stands twice in what an INSERT or UPDATE assigns."""
    for kind, tree in changes_of(context):
        lists = [tree.get("cols" if kind == "InsertStmt" else "targetList", [])]
        lists.append(tree.get("onConflictClause", {}).get("targetList", []))
        lists += [item["MergeWhenClause"].get("targetList", []) for item in tree.get("mergeWhenClauses", ())]
        for targets in lists:
            for column in _twice(targets):
                yield Hazard(
                    f"{column} of {context.name(tree['relation'])} is assigned twice.",
                    "The server refuses the statement; the migration fails.",
                )


def _twice(targets: list[Node]) -> Iterator[str]:
    seen: set[str] = set()
    for item in targets:
        target = item.get("ResTarget", {})
        if "name" not in target or "indirection" in target:
            continue
        if target["name"] in seen:
            yield target["name"]
        seen.add(target["name"])


RULE = Rule(
    id="duplicate-column-assignment",
    group=Group.DATA,
    severity=Severity.ERROR,
    on=(
        "InsertStmt",
        "UpdateStmt",
        "DeleteStmt",
        "SelectStmt",
        "MergeStmt",
    ),
    bodies=True,
    check=check,
    doc=__doc__,
)
