"""A column changes its type, and the whole table is written anew.

## Hazard

Unless the stored values can stay as they are, `ALTER COLUMN … TYPE` writes the table and all its indexes anew under
ACCESS EXCLUSIVE. Prepared statements and the application's own idea of the type break at the same moment.

## When it bites

On a table that exists already. Harmless are changes that only widen: `varchar(20)` to `varchar(50)` or `text`,
`numeric(10,2)` to `numeric(12,2)`, `timestamp` to `timestamptz` while TimeZone is UTC.

## Unsafe

```sql
ALTER TABLE orders ALTER COLUMN id TYPE bigint;
```

## Safe

```sql
ALTER TABLE orders ADD COLUMN id_new bigint;
```

## Lock

ACCESS EXCLUSIVE until the table and its indexes are written anew. The safe way is a new column that a trigger keeps
in step, a backfill, and a short exchange: `lockgate plan` writes the phases.

## Versions

`timestamp` to `timestamptz` in UTC without a rewrite since 12.

## References

- https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-NOTES
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis import type_changes
from lockgate.analysis.rules.base import Context, Group, Hazard, Rule
from lockgate.analysis.rules.safe import alter_table
from lockgate.analysis.state.names import type_sql
from lockgate.analysis.view import Column, TypeRef
from lockgate.sql.identifiers import derived_name, quote
from lockgate.sql.parse import Node, deparse_expression
from lockgate.types import Severity


def check(command: Node, context: Context) -> Iterator[Hazard]:
    """ALTER COLUMN … TYPE that writes the table anew, as far as the old type is known."""
    table, name = context.target, command.get("name", "")
    if context.is_unshared(table.name):
        return
    new = context.column(command["def"]["ColumnDef"]).column.type
    old = table.column(name)
    if old is not None and not _rewrites(command, old, context):
        if _depends_on_zone(command, old, new, context):
            yield _of_unknown_zone(context, name, old.type, new)
        return
    if old is not None and old.type == new and "raw_default" in command["def"]["ColumnDef"]:
        yield _of_values(context, name, command["def"]["ColumnDef"]["raw_default"])
        return
    was = f" from {type_sql(old.type)}" if old else ""
    parallel = alter_table(table, f"ADD COLUMN {quote(derived_name(name, 'new'))} {type_sql(new)}")
    yield Hazard(
        f"Writes all of {table.name} anew to turn {name}{was} into {type_sql(new)}.",
        f"ACCESS EXCLUSIVE lock on {table.name} until the table and its indexes are written anew.",
        safe=f"{parallel};\n-- then a trigger that keeps it, a backfill, and an exchange of names: lockgate plan",
    )


def _of_values(context: Context, name: str, using: Node) -> Hazard:
    """USING with the type that the column has already: an UPDATE of all rows in disguise."""
    table = context.target.name
    update = f"UPDATE {table.sql} SET {quote(name)} = {deparse_expression(using)};"
    return Hazard(
        f"Writes all of {table} anew to change the values of {name}, whose type stays.",
        f"ACCESS EXCLUSIVE lock on {table} until the table and its indexes are written anew.",
        safe=f"-- lockgate: backfill\n{update}",
    )


def _rewrites(command: Node, column: Column, context: Context) -> bool:
    """Whether rows are written anew; those of a partitioned table lie in partitions that may not be known."""
    table, definition = context.target, command["def"]["ColumnDef"]
    if table.kind == "partitioned table" and not context.state.children(table.name):
        source = type_changes.Coercion(True, column.type)
        if "raw_default" in definition:
            source = type_changes.using(definition["raw_default"], column.name, column.type, context.state)
        target = type_changes.resolve(definition["typeName"], context.state)
        return not (source.free and type_changes.coerce(source.type, target, context.state).free)
    lock = context.lock_of(command)
    return lock is not None and lock.rewrite


def _depends_on_zone(command: Node, old: Column, new: TypeRef, context: Context) -> bool:
    """Whether the values stay in UTC alone, and nothing says which time zone the session has."""
    names = {old.type.name.name, new.name.name}
    unsaid = context.state.setting("timezone") is None
    return (
        names == {"timestamp", "timestamptz"} and unsaid and "raw_default" not in command["def"]["ColumnDef"]
    )


def _of_unknown_zone(context: Context, name: str, old: TypeRef, new: TypeRef) -> Hazard:
    table = context.target.name
    return Hazard(
        f"Writes all of {table} anew to turn {name} from {type_sql(old)} into {type_sql(new)}, unless TimeZone is UTC.",
        f"ACCESS EXCLUSIVE lock on {table}; in any other time zone every value is shifted. Say which one is meant.",
        safe=f"SET LOCAL timezone = 'UTC';\n{context.statement.sql};",
        severity=Severity.WARNING,
    )


RULE = Rule(
    id="change-column-type",
    group=Group.COLUMNS,
    severity=Severity.ERROR,
    on=("AT_AlterColumnType",),
    check=check,
    doc=__doc__,
)
