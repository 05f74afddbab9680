"""A table lacks a column that the project requires.

## Hazard

Tools that rely on the column (audits, incremental exports, soft deletes) pass the table over, or fail on it.

## When it bites

As a house rule: `columns` in the rule's settings says which, with their types (`created_at = "timestamptz"` without
settings). New tables must have them, NOT NULL; old ones must keep them.

## Unsafe

```sql
CREATE TABLE notes (id bigint PRIMARY KEY);
```

## Safe

```sql
CREATE TABLE notes (id bigint PRIMARY KEY, created_at timestamptz NOT NULL DEFAULT now());
```

## Lock

None of its own.

## Versions

All.

## References

- https://www.postgresql.org/docs/current/ddl-basics.html
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import FILE_END, Context, Group, Hazard, Rule
from lockgate.analysis.rules.column_facts import made_tables
from lockgate.analysis.view import Column
from lockgate.sql.parse import Node
from lockgate.types import Severity


def check(node: Node, context: Context) -> Iterator[Hazard]:
    """New tables without a required column, and required columns that are dropped."""
    required = context.setting("required-column-policy", "columns", {"created_at": "timestamptz"})
    if node:
        if node.get("name") in required and not context.is_unshared(context.target.name):
            yield Hazard(
                f"Drops {context.target.name}.{node['name']}, which the project requires.",
                "The project's own rule; see columns in the settings of required-column-policy.",
            )
        return
    for table, birth in made_tables(context):
        for name, type_name in required.items():
            fault = _fault(table.column(name), type_name)
            if fault and not table.is_partition:
                yield Hazard(
                    f"{table.name} {fault} the column {name}, which the project requires.",
                    f"Every table has {name} {type_name} NOT NULL here.",
                    at=birth,
                )


def _fault(column: Column | None, type_name: str) -> str:
    if column is None:
        return "lacks"
    if column.type.name.name != type_name:
        return f"has as {column.type.name.name} instead of {type_name}"
    return "" if column.not_null else "has as nullable"


RULE = Rule(
    id="required-column-policy",
    group=Group.COLUMNS,
    severity=Severity.WARNING,
    on=(
        FILE_END,
        "AT_DropColumn",
    ),
    opt_in=True,
    check=check,
    doc=__doc__,
    settings={"columns": dict},
)
