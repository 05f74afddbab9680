"""An index is dropped before its replacement exists.

## Hazard

Between the drop and the end of the build the queries that used the index have none: they read the whole table, all at
the same moment.

## When it bites

When a file drops an index and then creates one that starts with the same column, or has the same name.

## Unsafe

```sql
DROP INDEX CONCURRENTLY orders_user_idx;
CREATE INDEX CONCURRENTLY orders_user_created_idx ON orders (user_id, created_at);
```

## Safe

```sql
CREATE INDEX CONCURRENTLY orders_user_created_idx ON orders (user_id, created_at);
DROP INDEX CONCURRENTLY orders_user_idx;
```

## Lock

None of its own.

## Versions

All.

## References

- https://www.postgresql.org/docs/current/sql-createindex.html
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import Context, Group, Hazard, Rule
from lockgate.analysis.state import names
from lockgate.analysis.view import Index
from lockgate.sql.identifiers import QualifiedName
from lockgate.sql.parse import Node
from lockgate.types import Severity


def check(tree: Node, context: Context) -> Iterator[Hazard]:
    """A build that replaces an index which this file has dropped already."""
    index = context.index
    if context.is_unshared(index.table):
        return
    for name, dropped in context.state.gone("index"):
        known = dropped is not None and dropped.valid and _replaces(index, name, dropped)
        if known or (dropped is None and _seems_replaced(index, name, context)):
            built = "it is built again" if name.name == index.name.name else f"{index.name.name} is built"
            yield Hazard(
                f"{name.name} is gone before {built}: queries on {index.table} have no index.",
                "Create the new index first, then drop the old one; rename it afterwards if the name matters.",
            )


def _replaces(index: Index, name: QualifiedName, dropped: Index) -> bool:
    if dropped.table != index.table:
        return False
    return name == index.name or index.keys[:1] == dropped.keys[:1]


def _seems_replaced(index: Index, name: QualifiedName, context: Context) -> bool:
    """Whether an index that nobody saw being made is one of the table: its name shares a word with the new one.

    DROP … IF EXISTS of the name that is built next clears away a failed build, or what is not there.
    """
    if name.schema not in ("", index.table.schema):
        return False
    sure = any(name.name in _dropped_for_sure(s.tree) for s in context.source.script.statements)
    if name.name == index.name.name or not context.target.partial:
        return sure and bool(_words(name) & (_words(index.name) | _words(index.table)))
    return bool(_words(name) & (_words(index.name) | _words(index.table)))


def _dropped_for_sure(tree: Node) -> list[str]:
    if tree.get("removeType") != "OBJECT_INDEX" or tree.get("missing_ok"):
        return []
    return [names.object_name(item)[1] for item in tree.get("objects", ())]


def _words(name: QualifiedName) -> set[str]:
    return set(name.name.lower().split("_")) - {"idx", "index", "ix", "i", "key", "new", "old", ""}


RULE = Rule(
    id="replace-index-gap",
    group=Group.INDEXES,
    severity=Severity.WARNING,
    on=("IndexStmt",),
    check=check,
    doc=__doc__,
)
