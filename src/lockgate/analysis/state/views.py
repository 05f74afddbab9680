"""Views, materialized views and CREATE TABLE AS, replayed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lockgate.analysis.state import names, tables
from lockgate.analysis.state.alter_table import read_options
from lockgate.analysis.state.catalog import Catalog
from lockgate.analysis.view import Column, Relation, RelationKind, TypeRef
from lockgate.sql.identifiers import QualifiedName
from lockgate.sql.parse import Node, walk

_UNKNOWN = TypeRef(QualifiedName("", ""))


def reads(catalog: Catalog, query: Node) -> tuple[QualifiedName, ...]:
    """The relations that a query names, common table expressions apart."""
    found: dict[QualifiedName, None] = {}
    local = {inside["ctename"] for kind, inside in walk(query) if kind == "CommonTableExpr"}
    for kind, inside in walk(query):
        if kind == "RangeVar" and (inside.get("schemaname") or inside["relname"] not in local):
            found[catalog.relation_name(*names.range_var(inside))] = None
    return tuple(found)


def create_view(catalog: Catalog, tree: Node) -> None:
    """CREATE [OR REPLACE] VIEW."""
    name = tables.created_name(catalog, tree["view"])
    aliases = [names.text(alias) for alias in tree.get("aliases", ())]
    known = catalog.relation(name.schema, name.name)
    options = tuple(read_options(tree.get("options", [])))
    _put(catalog, name, "view", tree["query"], aliases, options=options, is_new=known is None)


def create_table_as(catalog: Catalog, tree: Node) -> None:
    """CREATE TABLE AS and CREATE MATERIALIZED VIEW."""
    into = tree["into"]
    name = tables.created_name(catalog, into["rel"])
    if tree.get("if_not_exists") and catalog.relation(name.schema, name.name):
        return
    kind: RelationKind = "materialized view" if tree.get("objtype") == "OBJECT_MATVIEW" else "table"
    aliases = [names.text(alias) for alias in into.get("colNames", ())]
    _put(catalog, name, kind, tree["query"], aliases, is_new=True)
    if not into.get("skipData"):
        catalog.rows.put(name, "many")
    elif kind == "materialized view":
        catalog.remember("unpopulated", name)


def refresh(catalog: Catalog, tree: Node) -> None:
    """REFRESH MATERIALIZED VIEW; WITH NO DATA leaves it unreadable."""
    name = catalog.relation_name(*names.range_var(tree["relation"]))
    if tree.get("skipData"):
        catalog.remember("unpopulated", name)
    else:
        catalog.births.remove(("unpopulated", name))


def select_into(catalog: Catalog, tree: Node) -> None:
    """SELECT … INTO makes a table."""
    into = tree["intoClause"]
    name = tables.created_name(catalog, into["rel"])
    query = {"SelectStmt": {key: value for key, value in tree.items() if key != "intoClause"}}
    _put(catalog, name, "table", query, [], is_new=True)
    catalog.rows.put(name, "many")


def _put(
    catalog: Catalog, name: QualifiedName, kind: RelationKind, query: Node, aliases: list[str], **rest: Any
) -> None:
    columns = tuple(Column(column, _UNKNOWN) for column in aliases or _output_names(catalog, query))
    is_view = kind != "table"
    known = catalog.relation(name.schema, name.name)
    relation = Relation(
        name,
        kind=kind,
        columns=columns,
        query=query if is_view else None,
        reads=reads(catalog, query) if is_view else (),
        **rest,
    )
    catalog.put_relation(relation)
    if known is None:
        catalog.privileges.relations.put(name, catalog.privileges.initial(name.schema, "table"))


def _output_names(catalog: Catalog, query: Node) -> Iterator[str]:
    select = query.get("SelectStmt", {})
    while "larg" in select:
        select = select["larg"]
    for item in select.get("targetList", ()):
        target = item["ResTarget"]
        if "name" in target:
            yield target["name"]
        else:
            yield from _implied_names(catalog, target["val"], select)


def _implied_names(catalog: Catalog, value: Node, select: Node) -> Iterator[str]:
    if "ColumnRef" in value:
        last = value["ColumnRef"]["fields"][-1]
        if "String" in last:
            yield names.text(last)
        else:
            yield from _star(catalog, value["ColumnRef"]["fields"], select)
    elif "FuncCall" in value:
        yield names.dotted(value["FuncCall"]["funcname"])[1]
    elif "TypeCast" in value:
        yield from _implied_names(catalog, value["TypeCast"]["arg"], select)


def _star(catalog: Catalog, fields: list[Node], select: Node) -> Iterator[str]:
    wanted = names.text(fields[0]) if len(fields) > 1 else ""
    for kind, source in walk(select.get("fromClause", [])):
        if kind != "RangeVar":
            continue
        alias = source.get("alias", {}).get("aliasname", source["relname"])
        if wanted in ("", alias):
            for column in catalog.known(catalog.relation_name(*names.range_var(source))).columns:
                yield column.name
