"""A function, view or trigger is created without OR REPLACE.

## Hazard

A second run of the file stops at it, because the object is there.

## When it bites

When files are meant to run more than once. A statement behind a `DROP` of the same object, a constraint trigger and a
temporary view (which have no such form, or need none) are not reported.

## Unsafe

```sql
CREATE VIEW open_orders AS SELECT id FROM orders WHERE NOT gone;
```

## Safe

```sql
CREATE OR REPLACE VIEW open_orders AS SELECT id FROM orders WHERE NOT gone;
```

## Lock

None of its own.

## Versions

Triggers from 14 on.

## References

- https://www.postgresql.org/docs/current/sql-createview.html
- https://www.postgresql.org/docs/current/sql-createtrigger.html
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import Context, Group, Hazard, Rule
from lockgate.analysis.rules.rerun_facts import insert_words, was_dropped_before
from lockgate.analysis.state import names
from lockgate.sql.parse import Node
from lockgate.types import Severity


def check(tree: Node, context: Context) -> Iterator[Hazard]:
    """CREATE without OR REPLACE where the server knows it."""
    if tree.get("replace"):
        return
    kind, name = context.statement.kind, _name(tree)
    if kind == "CreateTrigStmt" and (tree.get("isconstraint") or context.major < 14):
        return
    if tree.get("view", {}).get("relpersistence") == "t":
        return
    if any(was_dropped_before(context, dropped, name) for dropped in _DROPS[kind]):
        return
    yield Hazard(
        f"A second run stops at {name}, because it is there.",
        "OR REPLACE makes the statement repeatable and keeps grants and dependents.",
        safe="" if context.nested else insert_words(context.statement.sql, "CREATE", "OR REPLACE"),
    )


_DROPS = {
    "CreateFunctionStmt": ("OBJECT_FUNCTION", "OBJECT_PROCEDURE", "OBJECT_ROUTINE"),
    "ViewStmt": ("OBJECT_VIEW",),
    "CreateTrigStmt": ("OBJECT_TRIGGER",),
    "RuleStmt": ("OBJECT_RULE",),
}


def _name(tree: Node) -> str:
    if "funcname" in tree and "trigname" not in tree:
        return names.dotted(tree["funcname"])[1]
    name: str = tree.get("trigname") or tree.get("rulename") or tree.get("view", {}).get("relname", "")
    return name


RULE = Rule(
    id="missing-or-replace",
    group=Group.OBJECTS,
    severity=Severity.INFO,
    on=(
        "CreateFunctionStmt",
        "ViewStmt",
        "CreateTrigStmt",
        "RuleStmt",
    ),
    opt_in=True,
    check=check,
    doc=__doc__,
)
