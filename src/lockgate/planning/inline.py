"""A new column without the constraints that stand inside of it: each gets the safe form of one of the table."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from lockgate.analysis.state.catalog import Catalog
from lockgate.analysis.state.names import generated_name
from lockgate.analysis.type_changes import constraint_of
from lockgate.analysis.volatility import is_volatile
from lockgate.sql.parse import Node

_OF_TABLE: Final = {
    "CONSTR_UNIQUE": "key",
    "CONSTR_PRIMARY": "pkey",
    "CONSTR_CHECK": "check",
    "CONSTR_FOREIGN": "fkey",
}
"""What a table can have instead, in the order to add it: a foreign key uses the index that a unique one brings."""

_ATTRIBUTES: Final[dict[str, dict[str, Any]]] = {
    "CONSTR_ATTR_DEFERRABLE": {"deferrable": True},
    "CONSTR_ATTR_DEFERRED": {"deferrable": True, "initdeferred": True},
    "CONSTR_ATTR_NOT_ENFORCED": {"is_enforced": False, "initially_valid": False, "skip_validation": True},
}
"""What the words behind an inline constraint mean for it; those that say what holds anyway mean nothing."""


def without_inline(alter: Node, command: Node, state: Catalog) -> Iterator[Node]:
    """A new column without the constraints that stand inside it, then each of them as one of the table.

    A single one stays where the rule about it says all that there is to say.
    """
    inner = command["AlterTableCmd"]
    column = inner.get("def", {}).get("ColumnDef", {}) if inner.get("subtype") == "AT_AddColumn" else {}
    items = [item["Constraint"] for item in column.get("constraints", ())]
    moved = [one for kind in _OF_TABLE for one in _with_attributes(items) if one["contype"] == kind]
    kept = [one for one in items if not _moves(one)]
    alone = len(moved) == 1 and moved[0] in items and moved[0]["contype"] != "CONSTR_PRIMARY"
    if not moved or inner.get("missing_ok") or (alone and not _costs(column, kept, state)):
        yield command
        return
    bare = {key: value for key, value in column.items() if key != "constraints"}
    definition = {**bare, "constraints": [{"Constraint": one} for one in kept]} if kept else bare
    yield {"AlterTableCmd": {**inner, "def": {"ColumnDef": definition}}}
    for one in moved:
        constraint = _of_table(one, column["colname"], alter["relation"]["relname"])
        yield {
            "AlterTableCmd": {
                "subtype": "AT_AddConstraint",
                "def": {"Constraint": constraint},
                "behavior": "DROP_RESTRICT",
            }
        }


def _moves(constraint: Node) -> bool:
    kind = constraint.get("contype", "")
    return kind in _OF_TABLE or kind.startswith("CONSTR_ATTR")


def _with_attributes(items: list[Node]) -> list[Node]:
    """The constraints with what the words behind each say of it."""
    found: list[Node] = []
    for one in items:
        kind = one.get("contype", "")
        if kind.startswith("CONSTR_ATTR") and found:
            found[-1] = {**found[-1], **_ATTRIBUTES.get(kind, {})}
        else:
            found.append(one)
    return found


def _costs(column: Node, kept: list[Node], state: Catalog) -> bool:
    """Whether the column by itself writes the table anew."""
    spec = state.column_spec(column)
    kinds = {one.get("contype") for one in kept}
    return bool(
        spec.serial
        or kinds & {"CONSTR_IDENTITY", "CONSTR_GENERATED"}
        or (spec.column.default is not None and is_volatile(spec.column.default, state))
        or constraint_of(spec.column.type, state)
    )


def _of_table(constraint: Node, column: str, table: str) -> Node:
    """An inline constraint as one of the table, under the name that the server would give it."""
    kind = constraint["contype"]
    key = {"CONSTR_FOREIGN": "fk_attrs", "CONSTR_CHECK": ""}.get(kind, "keys")
    columns = {key: [{"String": {"sval": column}}]} if key else {}
    first = "" if kind == "CONSTR_PRIMARY" else column
    name = constraint.get("conname") or generated_name(table, first, _OF_TABLE[kind])
    return {**constraint, **columns, "conname": name}
