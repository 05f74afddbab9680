"""Which columns of two tables belong together: what was said, or the one foreign key between them."""

from __future__ import annotations

from lockgate.catalog.model import Constraint, Table
from lockgate.catalog.snapshot import Snapshot
from lockgate.errors import UsageError
from lockgate.sql.parse import Node, parse_expression

Keys = tuple[tuple[str, ...], tuple[str, ...]]


def joined(snapshot: Snapshot, table: Table, home: Table, condition: str) -> Keys:
    """The columns of one table and those of the other that they are equal to; raises UsageError when nothing tells."""
    if condition:
        return _said(table, home, condition)
    found = [
        one
        for one in snapshot.constraints_of(table.name)
        if one.type == "foreign key" and one.references == home.name
    ]
    if len(found) == 1:
        return found[0].columns, found[0].referenced_columns
    keys = [snapshot.primary_key(one.name) for one in (table, home)]
    if not found and _alike(table, home, keys):
        assert keys[0] is not None
        assert keys[1] is not None
        return keys[0].columns, keys[1].columns
    raise UsageError(
        f"which rows of {table.name} and {home.name} belong together?",
        why=f"{len(found)} foreign keys lead from the one to the other"
        if found
        else "no foreign key leads there",
        next_steps=[f"… on {table.name.name}.KEY = {home.name.name}.KEY   at the end of the words says it"],
    )


def _alike(table: Table, home: Table, keys: list[Constraint | None]) -> bool:
    """Whether both have the same primary key, by name and type."""
    one, other = keys
    if one is None or other is None or one.columns != other.columns:
        return False
    return [_type(table, name) for name in one.columns] == [_type(home, name) for name in other.columns]


def _type(table: Table, name: str) -> str:
    column = table.column(name)
    return column.type if column is not None else ""


def _said(table: Table, home: Table, condition: str) -> Keys:
    expression = parse_expression(condition)
    arguments = expression.get("BoolExpr", {}).get("args", [expression])
    pairs = [_pair(table, home, one.get("A_Expr", {})) for one in arguments]
    known = [pair for pair in pairs if pair is not None]
    if len(known) != len(pairs):
        raise UsageError(f"{condition} does not join {table.name} and {home.name} by columns that are equal")
    for one, other in known:
        for relation, name in ((table, one), (home, other)):
            if relation.column(name) is None:
                raise UsageError(f"{relation.name} has no column {name}")
    return tuple(one for one, _ in known), tuple(other for _, other in known)


def _pair(table: Table, home: Table, expression: Node) -> tuple[str, str] | None:
    equal = [item.get("String", {}).get("sval") for item in expression.get("name", ())] == ["="]
    found = {}
    for side in ("lexpr", "rexpr"):
        fields = expression.get(side, {}).get("ColumnRef", {}).get("fields", [])
        names = [field.get("String", {}).get("sval", "") for field in fields]
        if len(names) >= 2:
            found[names[-2]] = names[-1]
    both = table.name.name in found and home.name.name in found
    return (found[table.name.name], found[home.name.name]) if equal and both else None
