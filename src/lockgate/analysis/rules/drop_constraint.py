"""A constraint is dropped, and what it kept out can come in.

## Hazard

From then on the application can write what the constraint forbade; adding it again needs the data to be clean.
Dropping a foreign key also takes ACCESS EXCLUSIVE on the table that it points to.

## When it bites

On a table that exists already. Dropping a `CHECK (column IS NOT NULL)` after `SET NOT NULL`, or a constraint that
another one repeats, loses nothing and is not reported; nor is one that the same file makes anew, with other actions
perhaps. Primary keys have a rule of their own.

## Unsafe

```sql
ALTER TABLE orders DROP CONSTRAINT orders_total_positive;
```

## Safe

```sql
ALTER TABLE orders ADD CONSTRAINT orders_total_not_negative CHECK (total >= 0) NOT VALID;
```

## Lock

ACCESS EXCLUSIVE for a moment; for a foreign key on the referenced table too.

## Versions

All.

## References

- https://www.postgresql.org/docs/current/sql-altertable.html
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.bodies import body_of
from lockgate.analysis.rules.base import Context, Group, Hazard, Rule
from lockgate.analysis.rules.column_facts import is_not_null_check
from lockgate.analysis.view import Constraint, Relation
from lockgate.sql.parse import Node, without_locations
from lockgate.types import Severity
from lockgate.values import replace


def check(command: Node, context: Context) -> Iterator[Hazard]:
    """A dropped constraint that nothing replaces."""
    table, name = context.target, command.get("name", "")
    if context.is_unshared(table.name) or context.is_of_this_file("constraint", table.name, name):
        return
    constraint = table.constraint(name)
    if constraint is None and (name.endswith("_pkey") or (command.get("missing_ok") and not table.partial)):
        return
    if constraint is not None and (constraint.kind == "primary key" or _is_repeated(table, constraint)):
        return
    if constraint is not None and any(_guards_as_much(constraint, new) for new in _added_later(context)):
        return
    kind = f"{constraint.kind} constraint" if constraint else "constraint"
    other = f" and on {constraint.references}" if constraint and constraint.references else ""
    yield Hazard(
        f"Drops the {kind} {name} of {table.name}: what it kept out can come in.",
        f"ACCESS EXCLUSIVE lock on {table.name}{other}; adding it again needs clean data.",
    )


def _added_later(context: Context) -> Iterator[Constraint]:
    """The constraints that the same file adds to the table from this statement on, in blocks too."""
    for statement in context.source.script.statements[context.statement.index :]:
        body = body_of(statement) if statement.kind == "DoStmt" else None
        for inner in body.statements if body else (statement,):
            is_alter = inner.kind == "AlterTableStmt"
            if is_alter and context.relation(inner.tree["relation"]).name == context.target.name:
                yield from _added(inner.tree, context)


def _added(alter: Node, context: Context) -> Iterator[Constraint]:
    for item in alter["cmds"]:
        command = item["AlterTableCmd"]
        if command.get("subtype") == "AT_AddConstraint":
            spec = context.constraint(command["def"]["Constraint"])
            if spec is not None:
                yield spec.constraint


def _guards_as_much(old: Constraint, new: Constraint) -> bool:
    """Whether a constraint keeps out what the old one did: the same but for its actions, or a narrower key."""
    if new.kind != old.kind or not new.enforced:
        return False
    if old.kind == "foreign key":
        return (old.columns, old.references) == (new.columns, new.references)
    if old.kind == "unique":
        return bool(new.columns) and set(new.columns) <= set(old.columns)
    return _same(old, replace(new, valid=True))


def _is_repeated(table: Relation, constraint: Constraint) -> bool:
    if constraint.kind == "check" and len(constraint.columns) == 1:
        column = table.column(constraint.columns[0])
        if column is not None and column.not_null and is_not_null_check(constraint):
            return True
    return any(_same(constraint, other) for other in table.constraints if other.name != constraint.name)


def _same(one: Constraint, other: Constraint) -> bool:
    return (
        other.valid
        and (one.kind, one.columns, one.references) == (other.kind, other.columns, other.references)
        and without_locations(one.expression) == without_locations(other.expression)
    )


RULE = Rule(
    id="drop-constraint",
    group=Group.CONSTRAINTS,
    severity=Severity.WARNING,
    on=("AT_DropConstraint",),
    check=check,
    doc=__doc__,
)
