"""A second column beside a first one: its type, its default, and the indexes that it needs to be as fast."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from lockgate.analysis.rules.column_facts import mentions_column
from lockgate.analysis.state.catalog import Catalog
from lockgate.analysis.state.names import PG_CATALOG, type_sql
from lockgate.analysis.state.privileges import PUBLIC
from lockgate.analysis.view import Column, Index, Relation, TypeRef
from lockgate.analysis.volatility import is_volatile
from lockgate.sql.identifiers import quote
from lockgate.sql.parse import Node, deparse_expression

_NO_EQUALITY = frozenset({"json", "xml", "point", "polygon"})


def comparable(type_ref: TypeRef) -> bool:
    """Whether ``=`` of the type is found without a search path."""
    return type_ref.name.schema == PG_CATALOG and type_ref.name.name not in _NO_EQUALITY


def constant_default(column: Column, type_words: str, state: Catalog) -> str:
    """The default of a column in another type, or NULL when there is none that gives the same value twice."""
    if column.default is None or column.generated or is_volatile(column.default, state):
        return "NULL"
    return f"({deparse_expression(column.default)})::{type_words}"


def beside(table: Relation, name: str, type_words: str, default: str, collation: str = "") -> tuple[str, ...]:
    """The statements that add a column which is NULL in every old row and has its default in new ones."""
    collated = f" COLLATE {quote(collation)}" if collation and "." not in collation else ""
    alter = f"ALTER TABLE {table.name.sql}"
    added = f"{alter} ADD COLUMN {quote(name)} {type_words}{collated}"
    return (
        (added,)
        if default == "NULL"
        else (added, f"{alter} ALTER COLUMN {quote(name)} SET DEFAULT {default}")
    )


def same_rights(state: Catalog, table: Relation, column: str, name: str) -> tuple[str, ...]:
    """The statements that give another column the rights which roles have on this column alone."""
    grants = sorted(
        (grant.privilege, grant.grantee)
        for grant in state.privileges.on_relation(table.name)
        if grant.column == column
    )
    return tuple(
        f"GRANT {privilege.upper()} ({quote(name)}) ON {table.name.sql} TO"
        f" {'PUBLIC' if grantee == PUBLIC else quote(grantee)}"
        for privilege, grantee in grants
    )


def column_type(column: Column) -> str:
    """The type of a column in words."""
    return type_sql(column.type)


def indexes_over(table: Relation, column: str) -> list[Index]:
    """The indexes that have something to do with a column."""
    return [index for index in table.indexes if _uses(index, column)]


def _uses(index: Index, column: str) -> bool:
    expressions = [key.expression for key in index.keys] + [index.predicate]
    return (
        any(key.column == column for key in index.keys)
        or column in index.include
        or any(mentions_column(expression, column) for expression in expressions if expression is not None)
    )


def over(node: Any, names: Mapping[str, str]) -> Node:
    """An expression over other columns."""
    found: Node = each_column(node, lambda name: [names[name]] if name in names else [])
    return found


def each_column(node: Any, told: Callable[[str], list[str]]) -> Any:
    """An expression with each mention of a column (by its last name) as ``told`` says it; nothing: as it stands."""
    if isinstance(node, list):
        return [each_column(item, told) for item in node]
    if not isinstance(node, dict):
        return node
    fields = node.get("ColumnRef", {}).get("fields", [])
    last = fields[-1].get("String", {}).get("sval", "") if fields else ""
    said = told(last) if last else []
    if said:
        return {"ColumnRef": {"fields": [{"String": {"sval": part}} for part in said]}}
    return {key: each_column(value, told) for key, value in node.items()}
