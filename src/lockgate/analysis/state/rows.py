"""Which tables of this migration hold rows already: what ends the exemption of new, empty tables."""

from __future__ import annotations

from lockgate.analysis.state import names
from lockgate.analysis.state.catalog import Catalog, Rows
from lockgate.sql.parse import Node


def insert(catalog: Catalog, tree: Node) -> None:
    """INSERT: literal rows are few, those of a query may be many."""
    source = tree.get("selectStmt", {}).get("SelectStmt", {})
    literal = "valuesLists" in source or not source
    _fill(catalog, tree["relation"], "few" if literal else "many")


def copy(catalog: Catalog, tree: Node) -> None:
    """COPY … FROM."""
    if tree.get("is_from") and "relation" in tree:
        _fill(catalog, tree["relation"], "many")


def truncate(catalog: Catalog, tree: Node) -> None:
    """TRUNCATE empties tables again."""
    for item in tree.get("relations", ()):
        name = catalog.relation_name(*names.range_var(item["RangeVar"]))
        if catalog.known(name).is_new:
            catalog.rows.remove(name)


def _fill(catalog: Catalog, relation: Node, amount: Rows) -> None:
    name = catalog.relation_name(*names.range_var(relation))
    if amount == "many" or name not in catalog.rows:
        catalog.rows.put(name, amount)
