"""The types that a statement gives to columns and domains."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from lockgate.analysis.rules.base import Context
from lockgate.analysis.state import names
from lockgate.analysis.state.columns import ColumnSpec
from lockgate.analysis.view import TypeRef
from lockgate.sql.parse import Node
from lockgate.values import value

TYPED: Final = (
    "CreateStmt",
    "CreateForeignTableStmt",
    "AT_AddColumn",
    "AT_AlterColumnType",
    "CreateDomainStmt",
)
"""What gives a column or a domain its type: :func:`typed_columns` reads these."""


@value(frozen=True, slots=True)
class TypedColumn:
    """A column (or domain) that gets a type; ``column`` is its full definition, None for a domain and a type change."""

    name: str
    type: TypeRef
    column: ColumnSpec | None = None

    @property
    def type_sql(self) -> str:
        """The type as a person writes it."""
        return names.type_sql(self.type)


def typed_columns(node: Node, context: Context) -> Iterator[TypedColumn]:
    """The columns of CREATE TABLE, ADD COLUMN, ALTER COLUMN … TYPE and CREATE DOMAIN, each with its type."""
    if "domainname" in node:
        yield TypedColumn(names.dotted(node["domainname"])[1], context.state.resolve_type(node["typeName"]))
    elif "subtype" in node or "def" in node:
        yield from _altered(node, context)
    else:
        yield from _created(node.get("base", node), context)


def columns_of_type(node: Node, context: Context, *wanted: str, arrays: bool = True) -> Iterator[TypedColumn]:
    """Those whose type is one of the built-in types of these names, arrays of them among them unless told otherwise."""
    for found in typed_columns(node, context):
        built_in = found.type.name.schema == names.PG_CATALOG
        if built_in and found.type.name.name in wanted and (arrays or not found.type.array):
            yield found


def _created(base: Node, context: Context) -> Iterator[TypedColumn]:
    relation = base.get("relation", {})
    if base.get("if_not_exists") and context.state.relation(*names.range_var(relation)):
        return
    for element in base.get("tableElts", ()):
        if "ColumnDef" in element and "typeName" in element["ColumnDef"]:
            spec = context.column(element["ColumnDef"])
            yield TypedColumn(f"{relation.get('relname', '')}.{spec.name}", spec.column.type, spec)


def _altered(command: Node, context: Context) -> Iterator[TypedColumn]:
    definition = command.get("def", {}).get("ColumnDef")
    if definition is None or "typeName" not in definition:
        return
    spec = context.column(definition)
    table = context.tree.get("relation", {}).get("relname", "")
    if "name" in command:
        yield TypedColumn(f"{table}.{command['name']}", spec.column.type)
    elif not (command.get("missing_ok") and context.target.column(spec.name)):
        yield TypedColumn(f"{table}.{spec.name}", spec.column.type, spec)
