"""A function is dropped while triggers still call it.

## Hazard

Without `CASCADE` the server refuses it (SQLSTATE 2BP01) and the migration fails. With `CASCADE` the triggers go too,
without a word: what they kept up to date goes stale.

## When it bites

When the history knows a trigger that calls the function and that is still there at this point of the file.

## Unsafe

```sql
DROP FUNCTION touch();
```

## Safe

```sql
DROP TRIGGER orders_touch ON orders;
DROP FUNCTION touch();
```

## Lock

With `CASCADE` ACCESS EXCLUSIVE on the table of every trigger.

## Versions

All.

## References

- https://www.postgresql.org/docs/current/sql-dropfunction.html
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import Context, Group, Hazard, Rule
from lockgate.analysis.state.routines import find_functions
from lockgate.sql.identifiers import QualifiedName, quote
from lockgate.sql.parse import Node, deparse
from lockgate.types import Severity


def check(drop: Node, context: Context) -> Iterator[Hazard]:
    """A dropped function that triggers of the present schema call."""
    cascade = drop.get("behavior") == "DROP_CASCADE"
    for item in drop.get("objects", ()):
        function, _ = find_functions(context.state, item["ObjectWithArgs"])
        if "objargs" in item["ObjectWithArgs"]:  # a function that a trigger calls takes none
            continue
        users = list(_triggers_of(context, function))
        if not users:
            continue
        listed = ", ".join(f"{trigger} on {table}" for table, trigger in users)
        yield Hazard(
            f"{function} is still called by the trigger {listed}."
            if len(users) == 1
            else f"{function} is still called by the triggers {listed}.",
            "CASCADE drops them too, without a word."
            if cascade
            else "SQLSTATE 2BP01: the server refuses it and the migration fails.",
            safe=_in_order(context, users),
        )


def _triggers_of(context: Context, function: QualifiedName) -> Iterator[tuple[QualifiedName, str]]:
    for relation in context.state.relations():
        for trigger in relation.triggers:
            if trigger.function == function and not trigger.inherited:
                yield relation.name, trigger.name


def _in_order(context: Context, users: list[tuple[QualifiedName, str]]) -> str:
    if context.nested:
        return ""
    drops = [f"DROP TRIGGER {quote(trigger)} ON {table.sql};" for table, trigger in users]
    last = deparse({"DropStmt": {**context.tree, "behavior": "DROP_RESTRICT"}})
    return "\n".join([*drops, f"{last};"])


RULE = Rule(
    id="drop-function-used-by-trigger",
    group=Group.OBJECTS,
    severity=Severity.ERROR,
    on=(
        "DropStmt/OBJECT_FUNCTION",
        "DropStmt/OBJECT_ROUTINE",
    ),
    check=check,
    doc=__doc__,
)
