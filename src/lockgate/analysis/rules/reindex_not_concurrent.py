"""An index is rebuilt while nobody can use it or write to its table.

## Hazard

`REINDEX` without `CONCURRENTLY` holds SHARE on the table and ACCESS EXCLUSIVE on each index: writes wait until the
end, and so does every query whose plan needs the index, which is nearly every query.

## When it bites

On a table with traffic. `REINDEX SYSTEM` has no concurrent form.

## Unsafe

```sql
REINDEX TABLE orders;
```

## Safe

```sql
REINDEX TABLE CONCURRENTLY orders;
```

## Lock

SHARE on the table, ACCESS EXCLUSIVE on its indexes, during the whole build. Concurrently: SHARE UPDATE EXCLUSIVE; it
cannot run in a transaction, and a failed one leaves an index named `…_ccnew` to drop.

## Versions

`CONCURRENTLY` exists since 12.

## References

- https://www.postgresql.org/docs/current/sql-reindex.html
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import Context, Group, Hazard, Rule
from lockgate.analysis.state import names
from lockgate.analysis.transactions import has_option
from lockgate.sql.parse import Node, deparse
from lockgate.types import Severity


def check(reindex: Node, context: Context) -> Iterator[Hazard]:
    """A rebuild without CONCURRENTLY of something that others use."""
    if has_option(reindex.get("params", []), "concurrently"):
        return
    kind = reindex.get("kind", "").removeprefix("REINDEX_OBJECT_")
    what = reindex.get("name", "") or "this database"
    if "relation" in reindex:
        schema, name = names.range_var(reindex["relation"])
        index = context.state.index(schema, name) if kind == "INDEX" else None
        table = index.table if index else context.name(reindex["relation"])
        if context.is_unshared(table):
            return
        what = f"{schema}.{name}" if schema else name
    yield Hazard(
        f"Rebuilds {kind.lower()} {what} while nobody can write to it.",
        "SHARE lock on the table and ACCESS EXCLUSIVE on its indexes until the rebuild is complete.",
        safe="" if kind == "SYSTEM" else _concurrently(reindex),
    )


def _concurrently(reindex: Node) -> str:
    option = {"DefElem": {"defname": "concurrently", "defaction": "DEFELEM_UNSPEC"}}
    others = [item for item in reindex.get("params", ()) if item["DefElem"].get("defname") != "concurrently"]
    return deparse({"ReindexStmt": {**reindex, "params": [*others, option]}}) + ";"


RULE = Rule(
    id="reindex-not-concurrent",
    group=Group.INDEXES,
    severity=Severity.ERROR,
    on=("ReindexStmt",),
    check=check,
    doc=__doc__,
)
