"""A new value of an enum is used before it is committed.

## Hazard

The server refuses every use of a value in the transaction that added it (SQLSTATE 55P04, "unsafe use of new value"):
in an INSERT or UPDATE, a cast, a default, a CHECK, a policy or a view. The migration fails.

## When it bites

When both stand in one transaction, whether the file or the runner opened it. A type that was made in the same
transaction may get values and use them at once.

## Unsafe

```sql
ALTER TYPE status ADD VALUE 'late';
ALTER TABLE tasks ALTER COLUMN status SET DEFAULT 'late';
```

## Safe

```sql
-- lockgate: no-transaction
ALTER TYPE status ADD VALUE 'late';
ALTER TABLE tasks ALTER COLUMN status SET DEFAULT 'late';
```

## Lock

None: the statement fails.

## Versions

From 12 on; before that the value cannot be added in a transaction at all.

## References

- https://www.postgresql.org/docs/current/sql-altertype.html
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import ANY_STATEMENT, Context, Group, Hazard, Rule
from lockgate.analysis.rules.name_facts import mentioned_relations
from lockgate.analysis.rules.safe import one_by_one
from lockgate.analysis.view import Relation
from lockgate.sql.identifiers import QualifiedName
from lockgate.sql.parse import Node, walk
from lockgate.types import Severity

_NEVER = frozenset({"AlterEnumStmt", "CommentStmt", "TransactionStmt", "VariableSetStmt"})


def check(_: Node, context: Context) -> Iterator[Hazard]:
    """A constant that is a label added by this transaction, where the enum may be meant."""
    if context.statement.kind in _NEVER:
        return
    for enum, label in context.state.made("enum label"):
        if not _is_uncommitted(context, "enum label", enum, label) or _is_uncommitted(context, "type", enum):
            continue
        if any(_uses(part, enum, label, context) for part in _trees(context)):
            birth = context.state.birth("enum label", enum, label)
            first = context.statement_at(birth).sql if birth else ""
            yield Hazard(
                f"{label!r} of {enum} is used in the transaction that adds it: the server refuses it.",
                "SQLSTATE 55P04; commit the new value before anything uses it.",
                safe="" if context.nested else one_by_one(context, first, context.statement.sql),
            )


def _is_uncommitted(context: Context, *key: object) -> bool:
    birth = context.state.birth(*key)
    inside = context.nested and birth is not None and birth.statement == context.statement.index
    return context.same_transaction(*key) or (inside and context.is_of_this_file(*key))


def _trees(context: Context) -> Iterator[Node]:
    """What the server analyses now: the statement itself, or the body of an SQL function being made."""
    if context.statement.kind == "CreateFunctionStmt":
        if context.body and context.body.language == "sql":
            yield from (inner.tree for inner in context.body.statements)
    elif context.statement.kind != "DoStmt":
        yield context.tree


def _uses(tree: Node, enum: QualifiedName, label: str, context: Context) -> bool:
    found = list(walk(tree))
    if not any(kind == "A_Const" and node.get("sval", {}).get("sval") == label for kind, node in found):
        return False
    casts = (node["typeName"] for kind, node in found if kind == "TypeCast")
    if any(_is_type(context.state.resolve_type(cast).name, enum) for cast in casts):
        return True
    return any(_has_column(relation, enum) for relation in mentioned_relations(context, tree))


def _has_column(relation: Relation, enum: QualifiedName) -> bool:
    return relation.partial or any(_is_type(column.type.name, enum) for column in relation.columns)


def _is_type(name: QualifiedName, enum: QualifiedName) -> bool:
    return name == enum or name == QualifiedName("", enum.name)


RULE = Rule(
    id="enum-value-used-in-same-transaction",
    group=Group.OBJECTS,
    severity=Severity.ERROR,
    on=(ANY_STATEMENT,),
    since=12,
    check=check,
    doc=__doc__,
    values=True,
)
