"""An index is moved to another tablespace while nobody can use it.

## Hazard

`ALTER INDEX … SET TABLESPACE` copies the files of the index under ACCESS EXCLUSIVE on it: every query whose plan
needs the index waits for the copy.

## When it bites

On every index that is not tiny. `ALTER INDEX ALL IN TABLESPACE` does it to many, one after the other, in one
transaction.

## Unsafe

```sql
ALTER INDEX orders_user_id_idx SET TABLESPACE pg_default;
```

## Safe

```sql
REINDEX (TABLESPACE pg_default, CONCURRENTLY) INDEX orders_user_id_idx;
```

## Lock

ACCESS EXCLUSIVE on the index for the length of the copy.

## Versions

All; `REINDEX (TABLESPACE …, CONCURRENTLY)` exists since 14.

## References

- https://www.postgresql.org/docs/current/sql-alterindex.html
- https://www.postgresql.org/docs/current/sql-reindex.html
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import Context, Group, Hazard, Rule
from lockgate.sql.identifiers import quote
from lockgate.sql.parse import Node
from lockgate.types import Severity


def check(tree: Node, context: Context) -> Iterator[Hazard]:
    """ALTER INDEX … SET TABLESPACE, of one index or of all."""
    why = "ACCESS EXCLUSIVE lock on the index while its files are copied; queries that need it wait."
    if context.statement.kind == "AlterTableMoveAllStmt":
        if tree.get("objtype") == "OBJECT_INDEX":
            yield Hazard(
                f"Moves every index in {tree.get('orig_tablespacename')} while nobody can use them.", why
            )
        return
    name = context.statement.tree["relation"]["relname"]
    space = quote(tree.get("name", ""))
    index = context.state.index(context.tree["relation"].get("schemaname", ""), name)
    if index is not None and context.is_unshared(index.table):
        return
    yield Hazard(
        f"Moves the index {name} to another tablespace while nobody can use it.",
        why,
        safe=f"REINDEX (TABLESPACE {space}, CONCURRENTLY) INDEX {context.relation_sql};",
    )


RULE = Rule(
    id="index-move-tablespace",
    group=Group.INDEXES,
    severity=Severity.ERROR,
    on=(
        "OBJECT_INDEX/AT_SetTableSpace",
        "AlterTableMoveAllStmt",
    ),
    check=check,
    doc=__doc__,
)
