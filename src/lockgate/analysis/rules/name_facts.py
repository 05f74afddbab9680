"""Which names a statement mentions, and which it gives to new objects."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from lockgate.analysis.rules.base import Context
from lockgate.analysis.state import names
from lockgate.analysis.view import Relation
from lockgate.sql.parse import Node, walk
from lockgate.values import value


def mentioned_relations(context: Context, tree: Node) -> Iterator[Relation]:
    """Every relation that a statement names, common table expressions among them."""
    for key in ("relation", "table", "view"):
        if isinstance(tree.get(key), dict) and "relname" in tree[key]:
            yield context.relation(tree[key])
    for kind, node in walk(tree):
        if kind == "RangeVar":
            yield context.relation(node)


@value(frozen=True, slots=True)
class GivenName:
    """A name that a statement gives; ``kind`` is what it names (``table``, ``column``, ``index`` …)."""

    kind: str
    name: str


_NAMED_BY: dict[str, tuple[str, tuple[str, ...]]] = {
    "CompositeTypeStmt": ("type", ("typevar", "relname")),
    "CreateForeignTableStmt": ("table", ("base", "relation", "relname")),
    "CreatePolicyStmt": ("policy", ("policy_name",)),
    "CreateRoleStmt": ("role", ("role",)),
    "CreateSchemaStmt": ("schema", ("schemaname",)),
    "CreateSeqStmt": ("sequence", ("sequence", "relname")),
    "CreateStmt": ("table", ("relation", "relname")),
    "CreateTableAsStmt": ("table", ("into", "rel", "relname")),
    "CreateTrigStmt": ("trigger", ("trigname",)),
    "IndexStmt": ("index", ("idxname",)),
    "RuleStmt": ("rule", ("rulename",)),
    "ViewStmt": ("view", ("view", "relname")),
}
_DOTTED = {
    "CreateDomainStmt": ("type", "domainname"),
    "CreateEnumStmt": ("type", "typeName"),
    "CreateFunctionStmt": ("function", "funcname"),
    "CreateRangeStmt": ("type", "typeName"),
}
NAMING: Final = (
    *(kind for kind in _NAMED_BY if kind not in ("CreatePolicyStmt", "CreateRoleStmt")),
    *_DOTTED,
    "RenameStmt",
    "AlterTableStmt",
)
"""What gives names that follow a convention: :func:`given_names` reads these, and those of policies and roles."""

_RENAMED = {
    "matview": "view",
    "foreign_table": "table",
    "tabconstraint": "constraint",
    "domconstraint": "constraint",
}


def given_names(kind: str, tree: Node) -> Iterator[GivenName]:
    """The names that a statement gives to what it makes or renames."""
    if kind in _NAMED_BY:
        what, path = _NAMED_BY[kind]
        yield from _named(what, _at(tree, path))
    if kind in _DOTTED:
        what, key = _DOTTED[kind]
        yield GivenName(what, names.dotted(tree[key])[1])
    if kind == "RenameStmt":
        what = str(tree.get("renameType", "")).removeprefix("OBJECT_").lower()
        yield from _named(_RENAMED.get(what, what), tree.get("newname"))
    yield from _parts(tree.get("base", tree).get("tableElts", []))
    yield from _parts([item["AlterTableCmd"].get("def", {}) for item in tree.get("cmds", ())])


def _named(kind: str, name: Any) -> Iterator[GivenName]:
    if isinstance(name, str) and name:
        yield GivenName(kind, name)


def _at(tree: Any, path: tuple[str, ...]) -> Any:
    for key in path:
        tree = tree.get(key, {})
    return tree


def _parts(elements: list[Node]) -> Iterator[GivenName]:
    """Columns and constraints of CREATE TABLE and of the commands that add some."""
    for element in elements:
        if "ColumnDef" in element:
            column = element["ColumnDef"]
            yield from _named("column", column.get("colname"))
            yield from _parts(column.get("constraints", []))
        elif "Constraint" in element:
            yield from _named("constraint", element["Constraint"].get("conname"))
