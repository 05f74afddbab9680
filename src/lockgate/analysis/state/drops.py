"""DROP in all its forms, replayed."""

from __future__ import annotations

from collections.abc import Callable

from lockgate.analysis.state import names
from lockgate.analysis.state.catalog import Catalog
from lockgate.analysis.state.routines import find_functions, signature_types
from lockgate.analysis.view import Constraint
from lockgate.sql.identifiers import QualifiedName
from lockgate.sql.parse import Node
from lockgate.values import replace

_RELATIONS = frozenset(
    {
        "OBJECT_TABLE",
        "OBJECT_VIEW",
        "OBJECT_MATVIEW",
        "OBJECT_FOREIGN_TABLE",
        "OBJECT_SEQUENCE",
    }
)
_ON_TABLE = frozenset({"OBJECT_POLICY", "OBJECT_TRIGGER", "OBJECT_RULE"})
_ROUTINES = frozenset({"OBJECT_FUNCTION", "OBJECT_PROCEDURE", "OBJECT_ROUTINE", "OBJECT_AGGREGATE"})


def drop(catalog: Catalog, tree: Node) -> None:
    """Forget what is dropped, and with CASCADE what depends on it."""
    kind, cascade = tree.get("removeType", ""), tree.get("behavior") == "DROP_CASCADE"
    for item in tree.get("objects", ()):
        if kind in _RELATIONS:
            drop_relation(catalog, catalog.relation_name(*names.object_name(item)), cascade)
        elif kind == "OBJECT_INDEX":
            _drop_index(catalog, *names.object_name(item))
        elif kind in _ON_TABLE:
            _drop_on_table(catalog, kind, *names.table_and_object(item))
        elif kind in _ROUTINES:
            _drop_function(catalog, item["ObjectWithArgs"], cascade)
        elif kind in ("OBJECT_TYPE", "OBJECT_DOMAIN"):
            _drop_type(catalog, *names.object_name(item), cascade)
        else:
            _drop_by_name(catalog, kind, names.object_name(item)[1])


def drop_relation(catalog: Catalog, name: QualifiedName, cascade: bool) -> None:
    """Forget a relation, its partitions, the foreign keys that point to it, and with CASCADE its views."""
    relation = catalog.known(name)
    catalog.forget("relation", name, relation if not relation.partial else None)
    for child in catalog.children(name):
        if cascade or catalog.known(child).is_partition:
            drop_relation(catalog, child, cascade)
    drop_references(catalog, name, lambda reference: True)
    if cascade:
        for view in catalog.readers(name):
            drop_relation(catalog, view, cascade)
    if relation.kind != "sequence":
        for publication in catalog.publications():
            if name in publication.tables:
                listed = tuple(table for table in publication.tables if table != name)
                catalog.put_publication(replace(publication, tables=listed))
    catalog.drop_relation(name)


def drop_what_needs(catalog: Catalog, table: QualifiedName, column: str) -> None:
    """Drop what CASCADE takes along with a column: foreign keys that point to it, and views that read it."""
    drop_references(catalog, table, lambda reference: column in reference.referenced_columns)
    for view in catalog.readers(table):
        if (table, column) in catalog.known(view).uses:
            drop_relation(catalog, view, cascade=True)


def drop_references(catalog: Catalog, table: QualifiedName, wanted: Callable[[Constraint], bool]) -> None:
    """Drop some of the foreign keys that point to a table."""
    for child in dict.fromkeys(child for child, _ in catalog.referencing(table)):
        kept = tuple(c for c in catalog.known(child).constraints if c.references != table or not wanted(c))
        catalog.change(child, constraints=kept)


def _drop_index(catalog: Catalog, schema: str, name: str) -> None:
    index = catalog.index(schema, name)
    catalog.forget("index", index.name if index else catalog.new_name(schema, name), index)
    if index is None:
        return
    relation = catalog.known(index.table)
    catalog.change(relation.name, indexes=tuple(i for i in relation.indexes if i.name != index.name))
    for child in catalog.children(relation.name):
        for below in catalog.known(child).indexes:
            if below.parent == index.name:
                _drop_index(catalog, below.name.schema, below.name.name)


def _drop_on_table(catalog: Catalog, kind: str, schema: str, table: str, name: str) -> None:
    relation = catalog.relation(schema, table)
    if relation is None:
        return
    if kind == "OBJECT_POLICY":
        catalog.change(relation.name, policies=tuple(p for p in relation.policies if p.name != name))
        catalog.remember("policy dropped", relation.name)
    elif kind == "OBJECT_TRIGGER":
        for target in (relation.name, *catalog.descendants(relation.name)):
            kept = tuple(
                trigger
                for trigger in catalog.known(target).triggers
                if trigger.name != name or (target != relation.name and not trigger.inherited)
            )
            catalog.change(target, triggers=kept)
    else:
        catalog.change(relation.name, rules=tuple(rule for rule in relation.rules if rule != name))


def _drop_function(catalog: Catalog, signature: Node, cascade: bool) -> None:
    name, group = find_functions(catalog, signature)
    wanted = signature_types(catalog, signature)
    kept = tuple(f for f in group if wanted is not None and f.argument_types != wanted)
    catalog.put_functions(name, kept)
    if not kept:
        catalog.privileges.functions.remove(name)
    if cascade and not kept:
        _drop_triggers_of(catalog, name)


def _drop_triggers_of(catalog: Catalog, function: QualifiedName) -> None:
    for relation in list(catalog.relations()):
        kept = tuple(t for t in relation.triggers if t.function != function)
        if len(kept) != len(relation.triggers):
            catalog.change(relation.name, triggers=kept)


def _drop_type(catalog: Catalog, schema: str, name: str, cascade: bool) -> None:
    found = catalog.domain(schema, name) or catalog.user_type(schema, name)
    if found is None:
        composite = catalog.relation(schema, name)
        if composite is not None and composite.kind == "composite type":
            catalog.drop_relation(composite.name)
        return
    if cascade:
        for table, column in catalog.type_users(found.name):
            present = catalog.known(table).columns
            catalog.change(table, columns=tuple(c for c in present if c.name != column))
    catalog.drop_type(found.name)


def _drop_by_name(catalog: Catalog, kind: str, name: str) -> None:
    if kind == "OBJECT_SCHEMA":
        _drop_schema(catalog, name)
    elif kind == "OBJECT_EXTENSION":
        catalog.extensions.remove(name)
    elif kind == "OBJECT_PUBLICATION":
        catalog.drop_publication(name)


def _drop_schema(catalog: Catalog, schema: str) -> None:
    for relation in list(catalog.relations()):
        if relation.name.schema == schema:
            drop_relation(catalog, relation.name, cascade=True)
    for found in catalog.named_types():
        if found.schema == schema:
            catalog.drop_type(found)
    for function in catalog.all_functions():
        if function.name.schema == schema:
            catalog.put_functions(function.name, ())
    catalog.schemas.remove(schema)
