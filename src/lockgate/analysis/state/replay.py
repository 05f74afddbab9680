"""Replaying one statement into the catalog: the table of who handles what."""

from __future__ import annotations

from collections.abc import Callable

from lockgate.analysis.state import (
    alter_table,
    drops,
    indexes,
    renames,
    routines,
    rows,
    security,
    tables,
    types,
    views,
)
from lockgate.analysis.state.catalog import Catalog
from lockgate.sql.parse import Node

Handler = Callable[[Catalog, Node], None]


def replay(catalog: Catalog, kind: str, tree: Node) -> None:
    """Apply the effect of one statement; a statement that changes no structure changes nothing here."""
    handler = HANDLERS.get(kind)
    if handler is not None:
        handler(catalog, tree)


def _create_foreign_table(catalog: Catalog, tree: Node) -> None:
    tables.create_table(catalog, tree["base"], kind="foreign table")


def _select(catalog: Catalog, tree: Node) -> None:
    if "intoClause" in tree:
        views.select_into(catalog, tree)


def _create_schema(catalog: Catalog, tree: Node) -> None:
    security.create_schema(catalog, tree)
    for element in tree.get("schemaElts", ()):
        ((kind, inside),) = element.items()
        replay(catalog, kind, _put_into(tree.get("schemaname", ""), inside))


def _put_into(schema: str, tree: Node) -> Node:
    """An element of CREATE SCHEMA without a schema of its own goes into the new one."""
    for key in ("relation", "view", "sequence"):
        if key in tree and "schemaname" not in tree[key]:
            return {**tree, key: {**tree[key], "schemaname": schema}}
    return tree


HANDLERS: dict[str, Handler] = {
    "CreateStmt": tables.create_table,
    "CreateForeignTableStmt": _create_foreign_table,
    "CreateTableAsStmt": views.create_table_as,
    "SelectStmt": _select,
    "AlterTableStmt": alter_table.alter_table,
    "RenameStmt": renames.rename,
    "AlterObjectSchemaStmt": renames.set_schema,
    "DropStmt": drops.drop,
    "IndexStmt": indexes.create_index,
    "CreateStatsStmt": indexes.create_statistics,
    "ViewStmt": views.create_view,
    "RefreshMatViewStmt": views.refresh,
    "CreateDomainStmt": types.create_domain,
    "AlterDomainStmt": types.alter_domain,
    "CreateEnumStmt": types.create_enum,
    "AlterEnumStmt": types.alter_enum,
    "CompositeTypeStmt": types.create_composite,
    "CreateRangeStmt": types.create_range,
    "DefineStmt": types.define,
    "CreateSeqStmt": types.create_sequence,
    "AlterSeqStmt": types.alter_sequence,
    "CreateFunctionStmt": routines.create_function,
    "AlterFunctionStmt": routines.alter_function,
    "CreateTrigStmt": routines.create_trigger,
    "RuleStmt": routines.create_rule,
    "CreatePolicyStmt": security.create_policy,
    "AlterPolicyStmt": security.alter_policy,
    "GrantStmt": security.grant,
    "AlterDefaultPrivilegesStmt": security.default_privileges,
    "CreateExtensionStmt": security.create_extension,
    "CreateSchemaStmt": _create_schema,
    "CommentStmt": security.comment,
    "CreatePublicationStmt": security.publication,
    "AlterPublicationStmt": security.publication,
    "InsertStmt": rows.insert,
    "CopyStmt": rows.copy,
    "TruncateStmt": rows.truncate,
}
