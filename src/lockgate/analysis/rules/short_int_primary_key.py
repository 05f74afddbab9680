"""A primary key runs out of numbers.

## Hazard

A key of `integer` ends at 2,147,483,647, one of `smallint` at 32,767: then every insert fails, and the way out is a
rewrite of the table and of everything that refers to it.

## When it bites

When a primary key of one column, or a column of it that counts by itself, is `smallint`, `integer` or a serial of
that size. Tables of a few fixed rows may ignore it.

## Unsafe

```sql
CREATE TABLE things (id serial PRIMARY KEY);
```

## Safe

```sql
CREATE TABLE things (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY);
```

## Lock

None of its own.

## Versions

All.

## References

- https://www.postgresql.org/docs/current/datatype-numeric.html
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import FILE_END, Context, Group, Hazard, Rule
from lockgate.analysis.view import Column, Relation
from lockgate.sql.parse import Node
from lockgate.types import Severity

_LAST = {"int2": "32,767", "int4": "2,147,483,647"}


def check(command: Node, context: Context) -> Iterator[Hazard]:
    """At the end of the file: primary keys of this file that are too small; and an older one that is made smaller."""
    if command:
        yield from _narrowed(command, context)
        return
    for table, name in context.state.made("constraint"):
        relation = context.state.known(table)
        key = relation.constraint(name)
        if key is None or key.kind != "primary key" or key.inherited:
            continue
        for column_name in key.columns:
            column = relation.column(column_name)
            if column is None or (len(key.columns) > 1 and not _counts(context, relation, column)):
                continue
            size = context.state.base_type(column.type).name.name
            if size in _LAST:
                yield Hazard(
                    f"The primary key of {table} ends at {_LAST[size]}.",
                    "Then every insert fails, and bigint means to write the table anew.",
                    at=context.state.birth("constraint", table, name),
                )


def _narrowed(command: Node, context: Context) -> Iterator[Hazard]:
    table = context.target
    key = next((found for found in table.constraints if found.kind == "primary key"), None)
    size = context.state.base_type(context.column(command["def"]["ColumnDef"]).column.type).name.name
    if (
        key is None
        or key.columns != (command["name"],)
        or size not in _LAST
        or context.is_unshared(table.name)
    ):
        return
    yield Hazard(
        f"The primary key of {table.name} ends at {_LAST[size]} from here on.",
        "Then every insert fails, and bigint means to write the table anew.",
    )


def _counts(context: Context, relation: Relation, column: Column) -> bool:
    sequences = (other for other in context.state.relations() if other.kind == "sequence")
    return column.identity or any(other.owned_by == (relation.name, column.name) for other in sequences)


RULE = Rule(
    id="short-int-primary-key",
    group=Group.TYPES,
    severity=Severity.INFO,
    on=(
        FILE_END,
        "AT_AlterColumnType",
    ),
    check=check,
    doc=__doc__,
)
