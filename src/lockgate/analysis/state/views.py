"""Views, materialized views and CREATE TABLE AS, replayed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lockgate.analysis.state import names, tables
from lockgate.analysis.state.catalog import Catalog
from lockgate.analysis.state.storage import read_options
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
    found = list(_output(catalog, query))
    named = [*aliases, *(name for name, _ in found[len(aliases) :])]
    kinds = [kind_of for _, kind_of in found] + [_UNKNOWN] * len(named)
    columns = tuple(Column(column, ref) for column, ref in zip(named, kinds, strict=False))
    read = reads(catalog, query) if kind != "table" else ()
    # A view may be replaced by one that reads itself, but then every use of it is an error.
    is_view = kind != "table" and not _reaches(catalog, read, name)
    known = catalog.relation(name.schema, name.name)
    relation = Relation(
        name,
        kind=kind,
        columns=columns,
        query=query if is_view else None,
        reads=read if is_view else (),
        uses=frozenset(_uses(catalog, query, read)) if is_view else frozenset(),
        **rest,
    )
    catalog.put_relation(relation)
    if known is None:
        catalog.privileges.relations.put(name, catalog.privileges.initial(name.schema, "table"))


def _uses(
    catalog: Catalog, query: Node, read: tuple[QualifiedName, ...]
) -> Iterator[tuple[QualifiedName, str]]:
    """The columns that a query names, and all of what it reads with ``*``; those there are by now."""
    named: set[str] = set()
    takes_all = False
    for kind, inside in walk(query):
        if kind == "ColumnRef":
            last = inside["fields"][-1]
            takes_all = takes_all or "A_Star" in last
            named |= {names.text(last)} if "String" in last else set()
        elif kind == "JoinExpr":
            named |= {names.text(column) for column in inside.get("usingClause", ())}
            takes_all = takes_all or bool(inside.get("isNatural"))
    for table in read:
        for column in catalog.known(table).columns:
            if takes_all or column.name in named:
                yield table, column.name


def _reaches(catalog: Catalog, read: tuple[QualifiedName, ...], name: QualifiedName) -> bool:
    """Whether a view that reads these relations would read itself through others."""
    seen: set[QualifiedName] = set()
    queue = [*read]
    while queue:
        found = queue.pop()
        if found not in seen:
            seen.add(found)
            queue += catalog.known(found).reads
    return name in seen


Output = Iterator[tuple[str, TypeRef]]
"""The columns that a query gives: name and type, which is unknown for anything but a column or a cast."""


def _output(catalog: Catalog, query: Node) -> Output:
    select = query.get("SelectStmt", {})
    while "larg" in select:
        select = select["larg"]
    for item in select.get("targetList", ()):
        target = item["ResTarget"]
        for name, ref in _implied(catalog, target["val"], select):
            yield target.get("name", name), ref


def _implied(catalog: Catalog, value: Node, select: Node) -> Output:
    if "ColumnRef" in value:
        fields = value["ColumnRef"]["fields"]
        if "String" in fields[-1]:
            yield names.text(fields[-1]), _type_of(catalog, fields, select)
        else:
            yield from _star(catalog, fields, select)
    elif "FuncCall" in value:
        yield names.dotted(value["FuncCall"]["funcname"])[1], _UNKNOWN
    elif "TypeCast" in value:
        inner = next(iter(_implied(catalog, value["TypeCast"]["arg"], select)), ("", _UNKNOWN))
        cast = value["TypeCast"]["typeName"]
        yield inner[0] or names.dotted(cast["names"])[1], catalog.resolve_type(cast)
    else:
        yield "?column?", _UNKNOWN


def _sources(catalog: Catalog, select: Node) -> Iterator[tuple[str, Relation]]:
    """The relations that a query reads directly, by the name that it calls each."""
    for kind, source in walk(select.get("fromClause", [])):
        if kind == "RangeVar":
            called = source.get("alias", {}).get("aliasname", source["relname"])
            yield called, catalog.known(catalog.relation_name(*names.range_var(source)))


def _type_of(catalog: Catalog, fields: list[Node], select: Node) -> TypeRef:
    wanted = names.text(fields[-2]) if len(fields) > 1 else ""
    for called, relation in _sources(catalog, select):
        column = relation.column(names.text(fields[-1]))
        if wanted in ("", called) and column is not None:
            return column.type
    return _UNKNOWN


def _star(catalog: Catalog, fields: list[Node], select: Node) -> Output:
    wanted = names.text(fields[0]) if len(fields) > 1 else ""
    for called, relation in _sources(catalog, select):
        if wanted in ("", called):
            for column in relation.columns:
                yield column.name, column.type
