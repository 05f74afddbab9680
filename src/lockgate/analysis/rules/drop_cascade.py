"""CASCADE drops what depends on the object, without a word.

## Hazard

Views, foreign keys, columns, triggers and policies of other people's making go with it. A notice names them, when it
is too late.

## When it bites

With every `DROP … CASCADE`, `DROP OWNED … CASCADE` and `DROP COLUMN … CASCADE`. Name what is to go, in its order; then
the migration fails where somebody has built on it in the meantime. `DROP SCHEMA … CASCADE` has a rule of its own.

## Unsafe

```sql
DROP VIEW order_totals CASCADE;
```

## Safe

```sql
DROP VIEW order_report;
DROP VIEW order_totals;
```

## Lock

ACCESS EXCLUSIVE on everything that is dropped or changed.

## Versions

All.

## References

- https://www.postgresql.org/docs/current/ddl-depend.html
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import Context, Group, Hazard, Rule
from lockgate.analysis.rules.table_facts import dependents, dropped_names
from lockgate.sql.parse import Node
from lockgate.types import Severity


def check(tree: Node, context: Context) -> Iterator[Hazard]:
    """CASCADE, except on schemas and on what this file made itself."""
    if tree.get("behavior") != "DROP_CASCADE" or tree.get("removeType") == "OBJECT_SCHEMA":
        return
    if "subtype" in tree and context.is_unshared(context.target.name):
        return
    for what, name in dropped_names(tree, context):
        if name is not None and context.is_of_this_file("relation", name):
            continue
        known = ", ".join(dependents(name, context)) if name else ""
        yield Hazard(
            f"Dropping {what} with CASCADE also drops {known or 'whatever depends on it'}.",
            "Name what is to go: without CASCADE the server says what else depends on it, and changes nothing.",
        )


RULE = Rule(
    id="drop-cascade",
    group=Group.TABLES,
    severity=Severity.WARNING,
    on=("DropStmt", "DropOwnedStmt", "AT_DropColumn", "AT_DropConstraint"),
    check=check,
    doc=__doc__,
)
