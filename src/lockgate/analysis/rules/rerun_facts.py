"""Whether a statement can run a second time."""

from __future__ import annotations

import re

from lockgate.analysis.rules.base import Context
from lockgate.analysis.state import names
from lockgate.sql.parse import Node, Statement, walk


def was_dropped_before(context: Context, kind: str, name: str) -> bool:
    """Whether an earlier statement of the file drops an object of that kind (``OBJECT_VIEW``) and name."""
    earlier = context.source.script.statements[: context.statement.index]
    drops = (s.tree for s in earlier if s.kind == "DropStmt" and s.tree.get("removeType") == kind)
    return any(name == _last(item) for tree in drops for item in tree.get("objects", ()))


def _last(item: Node) -> str:
    if "List" in item:
        return names.text(item["List"]["items"][-1])
    return names.object_name(item)[1]


def insert_words(sql: str, after: str, words: str) -> str:
    """A statement with some words put behind others, as it is written; empty when it cannot be told."""
    pattern = re.compile(r"\s+".join(re.escape(word) for word in after.split()) + r"(?=\s)", re.IGNORECASE)
    match = pattern.search(sql)
    if match is None or "--" in sql[: match.end()] or "/*" in sql[: match.end()]:
        return ""
    return f"{sql[: match.end()]} {words}{sql[match.end() :]};"


_ONCE = frozenset(
    {
        "AlterObjectSchemaStmt",
        "CompositeTypeStmt",
        "CreateAmStmt",
        "CreateCastStmt",
        "CreateDomainStmt",
        "CreateEnumStmt",
        "CreateEventTrigStmt",
        "CreateFdwStmt",
        "CreatePLangStmt",
        "CreatePolicyStmt",
        "CreatePublicationStmt",
        "CreateRangeStmt",
        "CreateRoleStmt",
        "CreateSubscriptionStmt",
        "CreatedbStmt",
        "DefineStmt",
        "RenameStmt",
    }
)
_UNLESS = {
    "AlterEnumStmt": "skipIfNewValExists",
    "CreateExtensionStmt": "if_not_exists",
    "CreateForeignServerStmt": "if_not_exists",
    "CreateFunctionStmt": "replace",
    "CreateSchemaStmt": "if_not_exists",
    "CreateSeqStmt": "if_not_exists",
    "CreateStatsStmt": "if_not_exists",
    "CreateStmt": "if_not_exists",
    "CreateTableAsStmt": "if_not_exists",
    "CreateTrigStmt": "replace",
    "CreateUserMappingStmt": "if_not_exists",
    "DropRoleStmt": "missing_ok",
    "DropStmt": "missing_ok",
    "IndexStmt": "if_not_exists",
    "InsertStmt": "onConflictClause",
    "RuleStmt": "replace",
    "ViewStmt": "replace",
}
_ALTERATIONS = {
    "AT_AddColumn": "missing_ok",
    "AT_AddConstraint": "",
    "AT_AddIdentity": "",
    "AT_AddInherit": "",
    "AT_AttachPartition": "",
    "AT_DetachPartition": "",
    "AT_DropColumn": "missing_ok",
    "AT_DropConstraint": "missing_ok",
    "AT_DropExpression": "missing_ok",
    "AT_DropIdentity": "missing_ok",
    "AT_DropInherit": "",
}


def is_repeatable(statement: Statement) -> bool:
    """Whether a second run ends like the first; what this does not know counts as repeatable."""
    tree = statement.tree
    if statement.kind == "AlterTableStmt":
        return all(_is_repeatable_command(item["AlterTableCmd"]) for item in tree.get("cmds", ()))
    if statement.kind in _UNLESS:
        return bool(tree.get(_UNLESS[statement.kind]))
    if statement.kind == "UpdateStmt":
        return not any(_counts_on(item["ResTarget"]) for item in tree.get("targetList", ()))
    return statement.kind not in _ONCE


def _counts_on(target: Node) -> bool:
    """Whether a column gets a value that is made from its own, so that a second run makes another."""
    columns = (node["fields"][-1] for kind, node in walk(target.get("val", {})) if kind == "ColumnRef")
    return any(column.get("String", {}).get("sval") == target.get("name") for column in columns)


def _is_repeatable_command(command: Node) -> bool:
    unless = _ALTERATIONS.get(command.get("subtype", "AT_AddColumn"))
    return unless is None or bool(command.get(unless))
