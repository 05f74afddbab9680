"""A second column beside a first one: its type, its default, and the indexes that it needs to be as fast."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lockgate.analysis.rules.column_facts import mentions_column
from lockgate.analysis.state.catalog import Catalog
from lockgate.analysis.state.names import PG_CATALOG, type_sql
from lockgate.analysis.state.privileges import PUBLIC
from lockgate.analysis.view import Column, Index, IndexKey, Relation, TypeRef
from lockgate.analysis.volatility import is_volatile
from lockgate.sql.identifiers import QualifiedName, derived_name, quote
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


def twin_name(index: Index) -> str:
    """What the same index over the other column is called."""
    return derived_name(index.name.name, suffix="_new")


def twin(index: Index, names: Mapping[str, str], name: str) -> str:
    """The statement that builds the same index over other columns, while reads and writes go on."""
    keys = ", ".join(_key(key, names) for key in index.keys)
    included = ", ".join(quote(names.get(column, column)) for column in index.include)
    include = f" INCLUDE ({included})" if included else ""
    where = f" WHERE {deparse_expression(over(index.predicate, names))}" if index.predicate else ""
    unique = "UNIQUE " if index.unique else ""
    return (
        f"CREATE {unique}INDEX CONCURRENTLY {quote(name)} ON {index.table.sql}"
        f" USING {index.method} ({keys}){include}{where}"
    )


def drop_twin(index: Index) -> str:
    """The statement that takes it away."""
    return f"DROP INDEX CONCURRENTLY {QualifiedName(index.name.schema, twin_name(index)).sql}"


def _key(key: IndexKey, names: Mapping[str, str]) -> str:
    if key.expression is not None:
        words = f"({deparse_expression(over(key.expression, names))})"
    else:
        words = quote(names.get(key.column, key.column))
    collation = f" COLLATE {_dotted(key.collation)}" if key.collation else ""
    opclass = f" {_dotted(key.opclass)}" if key.opclass else ""
    order = f" {key.order.upper()}" if key.order else ""
    return f"{words}{collation}{opclass}{order}"


def _dotted(name: str) -> str:
    return ".".join(quote(part) for part in name.split("."))


def over(node: Any, names: Mapping[str, str]) -> Node:
    """An expression over other columns."""
    if isinstance(node, list):
        return [over(item, names) for item in node]  # type: ignore[return-value]
    if not isinstance(node, dict):
        return node  # type: ignore[no-any-return]
    fields = node.get("ColumnRef", {}).get("fields", [])
    last = fields[-1].get("String", {}).get("sval", "") if fields else ""
    if last in names:
        return {"ColumnRef": {"fields": [{"String": {"sval": names[last]}}]}}
    return {key: over(value, names) for key, value in node.items()}
