"""CREATE INDEX and CREATE STATISTICS, replayed."""

from __future__ import annotations

from collections.abc import Callable

from lockgate.analysis.state import names
from lockgate.analysis.state.catalog import Catalog
from lockgate.analysis.state.naming import copied_name, index_name
from lockgate.analysis.view import Index, IndexKey
from lockgate.sql.identifiers import QualifiedName
from lockgate.sql.parse import Node, without_locations
from lockgate.values import replace


def read_index(catalog: Catalog, tree: Node) -> Index:
    """The index that a ``CREATE INDEX`` would make, under the name that it would get."""
    relation = catalog.known(catalog.relation_name(*names.range_var(tree["relation"])))
    index_keys = tuple(index_key(item["IndexElem"]) for item in tree.get("indexParams", ()))
    included = tuple(item["IndexElem"].get("name", "") for item in tree.get("indexIncludingParams", ()))
    name = tree.get("idxname") or index_name(catalog, relation.name, index_keys, included)
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


def rebuild(catalog: Catalog, table: QualifiedName, wanted: Callable[[Index], bool]) -> None:
    """Make some indexes of a table anew, which completes what CREATE INDEX ON ONLY left open.

    Those of the partitions go with their parent's, and come back under the names of new ones.
    """
    roots = [index for index in catalog.known(table).indexes if wanted(index) and index.parent is None]
    for index in roots:
        _free_names_below(catalog, index)
    for index in roots:
        anew = replace(index, valid=index.valid or index.partitioned, labels=())
        _swap(catalog, index, anew)
        _rebuild_below(catalog, anew)
        if index.partitioned and not index.valid:
            _add_to_partitions(catalog, anew)


def _below(catalog: Catalog, index: Index) -> list[Index]:
    """The indexes of partitions that hang directly below one."""
    return [
        own
        for child in catalog.children(index.table)
        for own in catalog.known(child).indexes
        if own.parent == index.name
    ]


def _free_names_below(catalog: Catalog, index: Index) -> None:
    for below in _below(catalog, index):
        # No index can have such a name, so that it stands in no other's way.
        _free_names_below(catalog, rename_index(catalog, below, f"\0{below.name.name}"))


def _rebuild_below(catalog: Catalog, index: Index) -> None:
    for below in _below(catalog, index):
        anew = replace(below, valid=below.valid or below.partitioned, labels=())
        _swap(catalog, below, anew)
        _rebuild_below(catalog, rename_index(catalog, anew, copied_name(catalog, anew.table, anew)))


def rename_index(catalog: Catalog, index: Index, new: str) -> Index:
    """Give an index another name, and the constraint that it stands behind; those below it hang on to it."""
    relation = catalog.known(index.table)
    constraint = new if index.constraint else ""
    moved = replace(index, name=QualifiedName(index.name.schema, new), constraint=constraint)
    catalog.change(
        relation.name,
        indexes=tuple(moved if i.name == index.name else i for i in relation.indexes),
        constraints=tuple(
            replace(c, name=new, index=moved.name) if c.name == index.constraint and constraint else c
            for c in relation.constraints
        ),
    )
    for below in _below(catalog, index):
        _swap(catalog, below, replace(below, parent=moved.name))
    return moved


def _add_to_partitions(catalog: Catalog, index: Index) -> bool:
    """Give the partitions theirs; an index is as valid as all that hang below it. Returns whether it is."""
    valid = index.valid
    for child in catalog.children(index.table):
        found = _adopt(catalog, child, index)
        if found is not None:
            valid = valid and found.valid
            continue
        name = QualifiedName(child.schema, copied_name(catalog, child, index))
        partitioned = catalog.known(child).kind == "partitioned table"
        below = replace(index, name=name, table=child, parent=index.name, partitioned=partitioned, valid=True)
        _add(catalog, below)
        valid = _add_to_partitions(catalog, below) and valid
    if valid != index.valid:
        _swap(catalog, index, replace(index, valid=valid))
    return valid


def _adopt(catalog: Catalog, table: QualifiedName, index: Index) -> Index | None:
    """Hang an index that a partition has already below the one of its parent, instead of making another."""
    indexes = catalog.known(table).indexes
    found = next(
        (own for own in indexes if own.parent in (None, index.name) and alike(catalog, own, index)), None
    )
    if found is not None:
        _swap(catalog, found, replace(found, parent=index.name))
    return found


def _swap(catalog: Catalog, old: Index, new: Index) -> None:
    present = catalog.known(old.table).indexes
    catalog.change(old.table, indexes=tuple(new if own.name == old.name else own for own in present))


def alike(catalog: Catalog, own: Index, wanted: Index) -> bool:
    """Whether an index of a partition can stand for one of its parent (``CompareIndexInfo``, and what calls it)."""
    if _excludes(own) != _excludes(wanted) or _shape(own) != _shape(wanted):
        return False
    if _excludes(own) and catalog.major < 18:
        return False
    return not wanted.constraint or (bool(own.constraint) and own.primary == wanted.primary)


def _excludes(index: Index) -> bool:
    """Whether EXCLUDE made the index; it stands for no other one."""
    return bool(index.constraint) and not index.unique


def _shape(index: Index) -> tuple[object, ...]:
    keys = [(key.column, without_locations(key.expression), key.opclass, key.collation) for key in index.keys]
    return index.unique, index.method, index.include, keys, without_locations(index.predicate)


def create_statistics(catalog: Catalog, tree: Node) -> None:
    """CREATE STATISTICS."""
    for item in tree.get("relations", ()):
        if "RangeVar" in item and tree.get("defnames"):
            table = catalog.relation_name(*names.range_var(item["RangeVar"]))
            name = catalog.new_name(*names.dotted(tree["defnames"]))
            catalog.change(table, statistics=(*catalog.known(table).statistics, name))
