"""What a table that is split or merged has of its own: keys, defaults, and what stands in the way."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from lockgate.catalog.address import Address, Kind
from lockgate.catalog.model import Column, Constraint, Publication, Table, Trigger
from lockgate.catalog.snapshot import Snapshot
from lockgate.errors import UsageError
from lockgate.planning.strategies.base import Question
from lockgate.sql.identifiers import QualifiedName
from lockgate.sql.parse import parse_expression

_FIXED = frozenset({"A_Const", "TypeCast", "A_ArrayExpr", "A_Expr", "CollateClause", "RowExpr"})


def schema_of(question: Question, what: str) -> Snapshot:
    """The schema as a server has it; raises UsageError where none can be asked."""
    snapshot = question.schema()
    if snapshot is None:
        raise UsageError(
            f"{what} needs the schema itself, and no server could be asked for it",
            why="the migrations do not apply to an empty database, or no local server starts",
            next_steps=["lockgate test   shows where they stop", "--to NAME   reads the schema of a target"],
        )
    return snapshot


def table_of(snapshot: Snapshot, name: QualifiedName) -> Table:
    """A plain table of the schema; raises UsageError for anything else."""
    table = snapshot.table(name.schema, name.name)
    if table is None:
        raise UsageError(f"{name} is no table")
    reasons = list(_unfit(snapshot, table))
    if reasons:
        raise UsageError(f"{name} cannot be split or merged while it is in use", why="; ".join(reasons))
    return table


def _unfit(snapshot: Snapshot, table: Table) -> Iterator[str]:
    if table.kind is not Kind.TABLE:
        yield "it is a foreign table: triggers cannot hold two of them together"
    if table.is_partition or table.is_partitioned or table.inherits or snapshot.children(table.name):
        yield "it is a partition, or has partitions or children"
    if table.force_row_security:
        yield "row-level security is forced on its owner, who has to keep the two in step"


def keyed(snapshot: Snapshot, table: Table, key: Sequence[str]) -> None:
    """Raises UsageError for a key whose equality a trigger without a search path does not find."""
    for name in key:
        column = snapshot.column(table.name, name)
        if column is not None and "." in column.type:
            raise UsageError(
                f"{table.name}.{name} is of the type {column.type}",
                why="a trigger with nothing in its search path does not find its equality",
            )


def is_unique(snapshot: Snapshot, table: Table, key: Sequence[str]) -> bool:
    """Whether ON CONFLICT finds a row by these columns."""
    return any(
        index.unique
        and index.predicate is None
        and not index.has_expressions
        and sorted(index.columns) == sorted(key)
        and not _deferrable(snapshot, table, index.constraint)
        for index in snapshot.indexes_of(table.name)
    )


def _deferrable(snapshot: Snapshot, table: Table, constraint: str | None) -> bool:
    found = [one for one in snapshot.constraints_of(table.name) if one.constraint == constraint]
    return bool(found and found[0].deferrable)


def default_of(column: Column) -> str:
    """What the column holds when nobody gave a value, of exactly its type."""
    value = column.default if column.default is not None and column.generated is None else "NULL"
    return f"({value})::{column.type}"


def is_steady(column: Column) -> bool:
    """Whether the default is the same value every time."""
    return column.default is None or _fixed(parse_expression(column.default))


def _fixed(node: Any) -> bool:
    if isinstance(node, list):
        return all(_fixed(item) for item in node)
    if not isinstance(node, dict):
        return True
    calls = [key for key in node if key[:1].isupper() and key not in _FIXED]
    known = {"String", "Integer", "Float", "Boolean", "TypeName", "List"}
    return all(key in known for key in calls) and all(_fixed(value) for value in node.values())


def is_required(column: Column) -> bool:
    """Whether an INSERT has to give a value."""
    return column.not_null and column.default is None and column.identity is None and not column.generated


def unmovable(columns: Sequence[Column]) -> Iterator[str]:
    """Columns whose values are not given by those who write."""
    for column in columns:
        if column.identity or column.generated:
            yield f"{column.column} is {'an identity' if column.identity else 'a generated'} column"
        elif column.default is not None and "nextval(" in column.default:
            yield f"{column.column} is numbered by a sequence"


def users_of(snapshot: Snapshot, table: Table, names: Sequence[str]) -> Iterator[str]:
    """What else names some columns: views, policies, functions, triggers, and keys of other tables."""
    own = {Kind.COLUMN, Kind.DEFAULT, Kind.CONSTRAINT, Kind.INDEX}
    places = [Address(Kind.COLUMN, table.name.schema, table.name.name, name) for name in names]
    found = {one for place in places for one in snapshot.dependents.get(place, ())}
    found -= {one.address for one in snapshot.indexes_of(table.name)}
    for address in sorted(found):
        item = snapshot.get(address)
        if isinstance(item, Publication):
            yield f"{address} has them in its column list"
        elif isinstance(item, Trigger) or address.kind not in own or address.qualified != table.name:
            yield f"{address} uses them"
    for key in snapshot.references_to(table.name):
        if set(key.referenced_columns) & set(names):
            yield f"{key.address} refers to them"


def only_over(constraint: Constraint, names: Sequence[str]) -> bool:
    """Whether a constraint is about some columns and no other."""
    return bool(constraint.columns) and set(constraint.columns) <= set(names)
