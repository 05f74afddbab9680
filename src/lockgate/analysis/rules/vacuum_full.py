"""VACUUM FULL writes the table anew while nobody can use it.

## Hazard

The table and all its indexes are copied under ACCESS EXCLUSIVE; it needs as much free disk again.

## When it bites

On a table with traffic. Plain `VACUUM` makes room for new rows and locks nobody out; `pg_repack` and `pg_squeeze`
shrink a table online, and 19 brings `REPACK (CONCURRENTLY)`.

## Unsafe

```sql
VACUUM FULL orders;
```

## Safe

```sql
VACUUM orders;
```

## Lock

ACCESS EXCLUSIVE until the table and its indexes are written anew.

## Versions

All.

## References

- https://www.postgresql.org/docs/current/sql-vacuum.html
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import Context, Group, Hazard, Rule
from lockgate.analysis.transactions import has_option
from lockgate.sql.parse import Node
from lockgate.types import Severity


def check(vacuum: Node, context: Context) -> Iterator[Hazard]:
    """VACUUM FULL of anything that others use."""
    if not vacuum.get("is_vacuumcmd") or not has_option(vacuum.get("options", []), "full"):
        return
    tables = [context.name(item["VacuumRelation"]["relation"]) for item in vacuum.get("rels", ())]
    shared = [name for name in tables if not context.is_unshared(name)]
    if tables and not shared:
        return
    names = ", ".join(map(str, shared)) or "every table of the database"
    yield Hazard(
        f"Writes {names} anew while nobody can read or write.",
        "ACCESS EXCLUSIVE lock until the table and its indexes are copied; plain VACUUM locks nobody out.",
        safe="\n".join(f"VACUUM {name.sql};" for name in shared) if shared else "VACUUM;",
    )


RULE = Rule(
    id="vacuum-full",
    group=Group.TABLES,
    severity=Severity.ERROR,
    on=("VacuumStmt",),
    check=check,
    doc=__doc__,
)
