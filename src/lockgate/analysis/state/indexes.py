"""CREATE INDEX and CREATE STATISTICS, replayed."""

from __future__ import annotations

import itertools

from lockgate.analysis.state import names
from lockgate.analysis.state.catalog import Catalog
from lockgate.analysis.view import Index, IndexKey
from lockgate.sql.identifiers import QualifiedName
from lockgate.sql.parse import Node, without_locations
from lockgate.values import replace


def read_index(catalog: Catalog, tree: Node) -> Index:
    """The index that a ``CREATE INDEX`` would make, under the name that it would get."""
    relation = catalog.known(catalog.relation_name(*names.range_var(tree["relation"])))
    index_keys = tuple(index_key(item["IndexElem"]) for item in tree.get("indexParams", ()))
    included = tuple(item["IndexElem"].get("name", "") for item in tree.get("indexIncludingParams", ()))
    name = tree.get("idxname") or unused_name(catalog, relation.name, index_keys, included)
    return Index(
        QualifiedName(relation.name.schema, name),
        relation.name,
        index_keys,
        include=included,
        unique=bool(tree.get("unique")),
        method=tree.get("accessMethod", "btree"),
        predicate=tree.get("whereClause"),
        valid=relation.kind != "partitioned table"
        or bool(tree["relation"].get("inh"))
        or not catalog.children(relation.name),
        partitioned=relation.kind == "partitioned table",
        tablespace=tree.get("tableSpace", ""),
    )


def index_key(element: Node) -> IndexKey:
    """One ``IndexElem``; a column in brackets is a column."""
    expression = element.get("expr")
    collation = element.get("collation")
    while expression and "CollateClause" in expression:
        collation, expression = expression["CollateClause"]["collname"], expression["CollateClause"]["arg"]
    fields = (expression or {}).get("ColumnRef", {}).get("fields", [])
    column = names.text(fields[0]) if len(fields) == 1 and "String" in fields[0] else ""
    return IndexKey(
        element.get("name", column),
        None if column else element.get("expr"),
        opclass=_last(element.get("opclass")),
        collation=_last(collation),
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
        if _adopt(catalog, child, index):
            continue
        name = QualifiedName(child.schema, unused_name(catalog, child, index.keys, index.include))
        partitioned = catalog.known(child).kind == "partitioned table"
        below = replace(index, name=name, table=child, parent=index.name, partitioned=partitioned)
        _add(catalog, below)
        _add_to_partitions(catalog, below)


def _adopt(catalog: Catalog, table: QualifiedName, index: Index) -> bool:
    """Hang an index that a partition has already below the one of its parent, instead of making another."""
    indexes = catalog.known(table).indexes
    found = next((own for own in indexes if own.valid and own.parent is None and alike(own, index)), None)
    if found is not None:
        attached = replace(found, parent=index.name)
        catalog.change(table, indexes=tuple(attached if own is found else own for own in indexes))
    return found is not None


def alike(one: Index, other: Index) -> bool:
    """Whether an index of a partition can stand for one of its parent."""
    return _shape(one) == _shape(other)


def _shape(index: Index) -> tuple[object, ...]:
    keys = [(key.column, without_locations(key.expression)) for key in index.keys]
    predicate = without_locations(index.predicate)
    return index.unique, index.primary, index.method, index.include, keys, predicate


def unused_name(
    catalog: Catalog, table: QualifiedName, index_keys: tuple[IndexKey, ...], included: tuple[str, ...] = ()
) -> str:
    """The name that the server gives to an unnamed index."""
    middle = named_after(index_keys, included)
    candidate, number = names.generated_name(table.name, middle, "idx"), 1
    while catalog.index(table.schema, candidate):
        candidate, number = names.generated_name(table.name, middle, f"idx{number}"), number + 1
    return candidate


def named_after(index_keys: tuple[IndexKey, ...], included: tuple[str, ...] = ()) -> str:
    """What the keys and the columns of INCLUDE put into a name (``ChooseIndexColumnNames``)."""
    found: dict[str, None] = {}
    for name in (*(key.column or _expression_name(key.expression) for key in index_keys), *included):
        unused = (f"{name}{number or ''}" for number in itertools.count())
        found[next(candidate for candidate in unused if candidate not in found)] = None
    return "_".join(found)


def _expression_name(expression: Node | None) -> str:
    """What an expression is called (``FigureIndexColname``): by a function, a column or a type in it."""
    while expression and not expression.keys().isdisjoint(("CollateClause", "TypeCast")):
        ((kind, inside),) = expression.items()
        if kind == "TypeCast" and _expression_name(inside["arg"]) == "expr":
            return names.dotted(inside["typeName"]["names"])[1]
        expression = inside["arg"]
    for kind, inside in (expression or {}).items():
        if kind == "FuncCall":
            return names.dotted(inside["funcname"])[1]
        if kind == "ColumnRef":
            return names.dotted(inside["fields"])[1]
        return _NAMED.get(inside.get("op") or inside.get("kind") or kind, _NAMED.get(kind, "expr"))
    return "expr"


_NAMED = {
    "CaseExpr": "case",
    "CoalesceExpr": "coalesce",
    "IS_GREATEST": "greatest",
    "IS_LEAST": "least",
    "AEXPR_NULLIF": "nullif",
}


def create_statistics(catalog: Catalog, tree: Node) -> None:
    """CREATE STATISTICS."""
    for item in tree.get("relations", ()):
        if "RangeVar" in item and tree.get("defnames"):
            table = catalog.relation_name(*names.range_var(item["RangeVar"]))
            name = catalog.new_name(*names.dotted(tree["defnames"]))
            catalog.change(table, statistics=(*catalog.known(table).statistics, name))
