"""ANALYZE in a migration reads tables at the worst moment.

## Hazard

It samples every table that it names (all of them without a name), while the deployment is under way; autovacuum would
do it a minute later.

## When it bites

On large tables with many columns, and without a table name. After a backfill or on a new expression index it may be
just right.

## Unsafe

```sql
ANALYZE;
```

## Safe

```sql
ANALYZE orders (user_id);
```

## Lock

SHARE UPDATE EXCLUSIVE, which blocks only other schema changes.

## Versions

All.

## References

- https://www.postgresql.org/docs/current/sql-analyze.html
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import Context, Group, Hazard, Rule
from lockgate.analysis.transactions import has_option
from lockgate.sql.parse import Node
from lockgate.types import Severity


def check(tree: Node, context: Context) -> Iterator[Hazard]:
    """ANALYZE of whole tables that others use, by itself or with VACUUM."""
    if tree.get("is_vacuumcmd") and not has_option(tree.get("options", []), "analyze"):
        return
    relations = [item["VacuumRelation"] for item in tree.get("rels", ())]
    whole = [
        str(context.name(item["relation"]))
        for item in relations
        if not item.get("va_cols") and not context.is_unshared(context.name(item["relation"]))
    ]
    if whole or not relations:
        yield Hazard(
            f"Samples {', '.join(whole) or 'every table of the database'} during the migration.",
            "Autovacuum does it a minute later; do it here only where a plan depends on it.",
        )


RULE = Rule(
    id="analyze-load",
    group=Group.TABLES,
    severity=Severity.INFO,
    on=("VacuumStmt",),
    opt_in=True,
    check=check,
    doc=__doc__,
)
