"""CREATE INDEX and CREATE STATISTICS, replayed."""

from __future__ import annotations

from lockgate.analysis.state import names
from lockgate.analysis.state.catalog import Catalog
from lockgate.analysis.view import Index, IndexKey
from lockgate.sql.identifiers import QualifiedName
from lockgate.sql.parse import Node
from lockgate.values import replace


def read_index(catalog: Catalog, tree: Node) -> Index:
    """The index that a ``CREATE INDEX`` would make, under the name that it would get."""
    relation = catalog.known(catalog.relation_name(*names.range_var(tree["relation"])))
    index_keys = tuple(index_key(item["IndexElem"]) for item in tree.get("indexParams", ()))
    included = tuple(item["IndexElem"].get("name", "") for item in tree.get("indexIncludingParams", ()))
    name = tree.get("idxname") or unused_name(catalog, relation.name, index_keys)
    return Index(
        QualifiedName(relation.name.schema, name),
        relation.name,
        index_keys,
        include=included,
        unique=bool(tree.get("unique")),
        method=tree.get("accessMethod", "btree"),
        predicate=tree.get("whereClause"),
        valid=relation.kind != "partitioned table" or bool(tree["relation"].get("inh")),
        partitioned=relation.kind == "partitioned table",
        tablespace=tree.get("tableSpace", ""),
    )


def index_key(element: Node) -> IndexKey:
    """One ``IndexElem``."""
    return IndexKey(
        element.get("name", ""),
        element.get("expr"),
        opclass=_last(element.get("opclass")),
        collation=_last(element.get("collation")),
        order=_ORDERS.get((element.get("ordering", ""), element.get("nulls_ordering", "")), ""),
    )


_DESC, _FIRST, _LAST = "SORTBY_DESC", "SORTBY_NULLS_FIRST", "SORTBY_NULLS_LAST"
_ORDERS = {
    (_DESC, "SORTBY_NULLS_DEFAULT"): "desc",
    (_DESC, _FIRST): "desc",
    (_DESC, _LAST): "desc nulls last",
    ("SORTBY_DEFAULT", _FIRST): "nulls first",
    ("SORTBY_ASC", _FIRST): "nulls first",
}


def _last(parts: list[Node] | None) -> str:
    return names.dotted(parts)[1] if parts else ""


def create_index(catalog: Catalog, tree: Node) -> None:
    """CREATE INDEX; on a partitioned table the partitions get theirs too, unless it says ONLY."""
    index = read_index(catalog, tree)
    if tree.get("if_not_exists") and catalog.index(index.name.schema, index.name.name):
        return
    _add(catalog, index)
    if index.partitioned and tree["relation"].get("inh"):
        _add_to_partitions(catalog, index)


def _add(catalog: Catalog, index: Index) -> None:
    relation = catalog.known(index.table)
    catalog.change(index.table, indexes=(*relation.indexes, index))
    catalog.remember("index", index.name)


def _add_to_partitions(catalog: Catalog, index: Index) -> None:
    for child in catalog.children(index.table):
        name = QualifiedName(child.schema, unused_name(catalog, child, index.keys))
        partitioned = catalog.known(child).kind == "partitioned table"
        below = replace(index, name=name, table=child, parent=index.name, partitioned=partitioned)
        _add(catalog, below)
        _add_to_partitions(catalog, below)


def unused_name(catalog: Catalog, table: QualifiedName, index_keys: tuple[IndexKey, ...]) -> str:
    """The name that the server gives to an unnamed index."""
    middle = "_".join(key.column or _expression_name(key.expression) for key in index_keys)
    candidate, number = names.generated_name(table.name, middle, "idx"), 1
    while catalog.index(table.schema, candidate):
        candidate, number = names.generated_name(table.name, middle, f"idx{number}"), number + 1
    return candidate


def _expression_name(expression: Node | None) -> str:
    call = (expression or {}).get("FuncCall")
    return names.dotted(call["funcname"])[1] if call else "expr"


def create_statistics(catalog: Catalog, tree: Node) -> None:
    """CREATE STATISTICS."""
    for item in tree.get("relations", ()):
        if "RangeVar" in item and tree.get("defnames"):
            table = catalog.relation_name(*names.range_var(item["RangeVar"]))
            name = catalog.new_name(*names.dotted(tree["defnames"]))
            catalog.change(table, statistics=(*catalog.known(table).statistics, name))
