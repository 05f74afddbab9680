"""IF NOT EXISTS keeps the invalid index of a failed build.

## Hazard

When a concurrent build fails, its index stays behind, invalid: no query uses it, every write pays for it. `IF NOT
EXISTS` finds it by name, says so in a notice, and the retry "succeeds" with nothing built.

## When it bites

With `CREATE INDEX CONCURRENTLY IF NOT EXISTS`, on the second try. Harmless when the file drops the index first.

## Unsafe

```sql
CREATE INDEX CONCURRENTLY IF NOT EXISTS orders_user_id_idx ON orders (user_id);
```

## Safe

```sql
DROP INDEX CONCURRENTLY IF EXISTS orders_user_id_idx;
CREATE INDEX CONCURRENTLY orders_user_id_idx ON orders (user_id);
```

## Lock

None of its own.

## Versions

All.

## References

- https://www.postgresql.org/docs/current/sql-createindex.html#SQL-CREATEINDEX-CONCURRENTLY
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import Context, Group, Hazard, Rule
from lockgate.analysis.rules.safe import create_index
from lockgate.sql.identifiers import QualifiedName
from lockgate.sql.parse import Node
from lockgate.types import Severity


def check(index: Node, context: Context) -> Iterator[Hazard]:
    """CONCURRENTLY IF NOT EXISTS without a drop before it."""
    if not (index.get("concurrent") and index.get("if_not_exists")):
        return
    name = QualifiedName(context.target.name.schema, index.get("idxname", ""))
    if context.is_dropped_here("index", name.schema, name.name) or context.is_unshared(context.target.name):
        return
    yield Hazard(
        f"A retry keeps the invalid index {name.name} of a failed build.",
        "IF NOT EXISTS looks at the name only: an invalid index stays, costs every write and serves no query.",
        safe=f"DROP INDEX CONCURRENTLY IF EXISTS {name.sql};\n{create_index(context, index, concurrent=True)}",
    )


RULE = Rule(
    id="if-not-exists-masks-invalid-index",
    group=Group.INDEXES,
    severity=Severity.WARNING,
    on=("IndexStmt",),
    check=check,
    doc=__doc__,
)
