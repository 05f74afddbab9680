"""A new column is NOT NULL and nothing gives the old rows a value.

## Hazard

The statement fails on the first old row (SQLSTATE 23502). On an empty table it succeeds, and from then on the
application that does not know the column cannot insert any more.

## When it bites

On every table that holds rows, which is why it works on the developer's machine. A default, an identity or a
generated expression gives every row a value.

## Unsafe

```sql
ALTER TABLE orders ADD COLUMN currency text NOT NULL;
```

## Safe

```sql
ALTER TABLE orders ADD COLUMN currency text NOT NULL DEFAULT 'EUR';
```

## Lock

None: the statement fails. With a constant default ACCESS EXCLUSIVE for a moment, without a rewrite (since 11).

## Versions

All.

## References

- https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-NOTES
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis import type_changes
from lockgate.analysis.rules.base import Context, Group, Hazard, Rule
from lockgate.analysis.rules.safe import NEXT_FILE, column_without, not_null_online, one_by_one
from lockgate.sql.parse import Node
from lockgate.types import Severity


def check(command: Node, context: Context) -> Iterator[Hazard]:
    """ADD COLUMN … NOT NULL without a value on a table that may hold rows."""
    spec, table = context.column(command["def"]["ColumnDef"]), context.target
    filled = spec.has_value and not _is_null(spec.column.default)
    if not spec.column.not_null or filled or context.is_empty(table.name):
        return
    if any(domain.default for domain in type_changes.domains(spec.column.type, context.state)):
        return
    if command.get("missing_ok") and table.column(spec.name):
        return
    proved = one_by_one(context, *not_null_online(context, table, spec.name))
    first = column_without(table, spec.node, "CONSTR_NOTNULL", "CONSTR_PRIMARY", "CONSTR_DEFAULT")
    yield Hazard(
        f"{table.name} gets the required column {spec.name}, and no old row has a value for it.",
        "SQLSTATE 23502 on a table with rows; on an empty one the old application cannot insert any more.",
        safe=f"{first};\n-- fill the old rows in chunks, and let the application write the column; {NEXT_FILE[3:]}\n"
        + "\n".join(f"-- {line}" for line in proved.splitlines()),
    )


def _is_null(default: Node | None) -> bool:
    """Whether a default is NULL, perhaps behind a cast."""
    while default and "TypeCast" in default:
        default = default["TypeCast"]["arg"]
    return bool(default and default.get("A_Const", {}).get("isnull"))


RULE = Rule(
    id="add-column-not-null-no-default",
    group=Group.COLUMNS,
    severity=Severity.ERROR,
    on=("AT_AddColumn",),
    check=check,
    doc=__doc__,
)
