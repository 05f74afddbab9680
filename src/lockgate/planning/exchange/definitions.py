"""Constraints and indexes as the server prints them, told again about other columns and under other names."""

from __future__ import annotations

from collections.abc import Mapping

from lockgate.planning.columns import over
from lockgate.sql.identifiers import QualifiedName, quote
from lockgate.sql.parse import Node, deparse, parse_one

Renamed = Mapping[QualifiedName, Mapping[str, str]]
"""For each table what its columns are called instead."""


def index(definition: str, names: Mapping[str, str], name: str) -> str:
    """CREATE INDEX over other columns, under another name, while reads and writes go on.

    That of a partitioned table itself (ON ONLY) has no rows to read.
    """
    statement = parse_one(definition)
    tree = over_columns(statement.tree, names)
    reads = bool(tree["relation"].get("inh"))
    return deparse({"IndexStmt": {**tree, "idxname": name, "concurrent": reads}})


def over_columns(tree: Node, names: Mapping[str, str]) -> Node:
    """An index's tree over other columns: its keys, what it includes, and its predicate."""
    result = dict(over(tree, names))
    for part in ("indexParams", "indexIncludingParams"):
        if part in tree:
            result[part] = [_element(item, names) for item in result[part]]
    return result


def _element(item: Node, names: Mapping[str, str]) -> Node:
    element = dict(item["IndexElem"])
    element.pop("indexcolname", None)
    if "name" in element:
        element["name"] = names.get(element["name"], element["name"])
    return {"IndexElem": element}


def constraint(
    table: QualifiedName, definition: str, names: Renamed, name: str, *, not_valid: bool = False
) -> str:
    """ALTER TABLE … ADD CONSTRAINT over other columns; ``not_valid`` leaves old rows for VALIDATE."""
    written = f"ALTER TABLE {table.sql} ADD CONSTRAINT {quote(name)} {definition}"
    statement = parse_one(written)
    tree = dict(statement.tree)
    command = dict(tree["cmds"][0]["AlterTableCmd"])
    told = _told(command["def"]["Constraint"], table, names)
    if not_valid:
        told = {**told, "skip_validation": True}
        told.pop("initially_valid", None)
    command["def"] = {"Constraint": told}
    return deparse({"AlterTableStmt": {**tree, "cmds": [{"AlterTableCmd": command}]}})


def _told(node: Node, table: QualifiedName, names: Renamed) -> Node:
    own = names.get(table, {})
    result = dict(over(node, own))
    for part in ("keys", "including", "fk_attrs", "fk_del_set_cols"):
        if part in node:
            result[part] = _names(node[part], own)
    if "pktable" in node:
        found = node["pktable"]
        other = QualifiedName(found.get("schemaname", "public"), found["relname"])
        if "pk_attrs" in node:
            result["pk_attrs"] = _names(node["pk_attrs"], names.get(other, {}))
    return result


def _names(items: list[Node], names: Mapping[str, str]) -> list[Node]:
    return [{"String": {"sval": names.get(item["String"]["sval"], item["String"]["sval"])}} for item in items]
