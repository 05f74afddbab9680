"""RENAME and SET SCHEMA, replayed; what refers to a renamed object follows, as on the server."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lockgate.analysis.state import indexes, names
from lockgate.analysis.state.catalog import Catalog
from lockgate.analysis.state.naming import labels_of
from lockgate.analysis.state.routines import find_functions, signature_types
from lockgate.analysis.view import Constraint, Index, Relation
from lockgate.sql.identifiers import QualifiedName
from lockgate.sql.parse import Node
from lockgate.values import replace

_RELATIONS = frozenset(
    {"OBJECT_TABLE", "OBJECT_VIEW", "OBJECT_MATVIEW", "OBJECT_FOREIGN_TABLE", "OBJECT_SEQUENCE"}
)
_ROUTINES = frozenset({"OBJECT_FUNCTION", "OBJECT_PROCEDURE", "OBJECT_ROUTINE", "OBJECT_AGGREGATE"})


def rename(catalog: Catalog, tree: Node) -> None:
    """ALTER … RENAME."""
    kind, new = tree.get("renameType", ""), tree.get("newname", "")
    if kind in _RELATIONS:
        _rename_relation(catalog, tree, new)
    elif kind == "OBJECT_INDEX":
        _rename_index(catalog, *names.range_var(tree["relation"]), new)
    elif kind in ("OBJECT_COLUMN", "OBJECT_ATTRIBUTE"):
        _rename_column(catalog, tree, new)
    elif kind in _PARTS:
        _rename_part(catalog, tree, _PARTS[kind], new)
    elif kind == "OBJECT_DOMCONSTRAINT":
        _rename_domain_constraint(catalog, tree, new)
    elif kind in ("OBJECT_TYPE", "OBJECT_DOMAIN"):
        schema, name = names.object_name(tree["object"])
        move_type(catalog, schema, name, lambda old: QualifiedName(old.schema, new))
    elif kind in _ROUTINES:
        move_functions(catalog, tree["object"]["ObjectWithArgs"], lambda old: QualifiedName(old.schema, new))
    elif kind == "OBJECT_SCHEMA":
        _rename_schema(catalog, tree.get("subname", ""), new)


def set_schema(catalog: Catalog, tree: Node) -> None:
    """ALTER … SET SCHEMA."""
    kind, schema = tree.get("objectType", ""), tree.get("newschema", "")
    if kind in _RELATIONS:
        old = catalog.relation_name(*names.range_var(tree["relation"]))
        catalog.rename_relation(old, QualifiedName(schema, old.name))
        for sequence in tuple(catalog.links.owned.get(QualifiedName(schema, old.name), ())):
            catalog.rename_relation(sequence, QualifiedName(schema, sequence.name))
    elif kind in ("OBJECT_TYPE", "OBJECT_DOMAIN"):
        move_type(catalog, *names.object_name(tree["object"]), lambda old: QualifiedName(schema, old.name))
    elif kind in _ROUTINES:
        signature = tree["object"]["ObjectWithArgs"]
        move_functions(catalog, signature, lambda old: QualifiedName(schema, old.name))
    elif kind == "OBJECT_EXTENSION":
        name = names.text(tree["object"])
        extension = catalog.extensions.get(name)
        if extension is not None:
            catalog.extensions.put(name, replace(extension, schema=schema))
            catalog.remember("extension", name)


def _rename_relation(catalog: Catalog, tree: Node, new: str) -> None:
    schema, name = names.range_var(tree["relation"])
    if catalog.index(schema, name) is not None:
        _rename_index(catalog, schema, name, new)
        return
    old = catalog.relation_name(schema, name)
    catalog.rename_relation(old, QualifiedName(old.schema, new))


def _rename_index(catalog: Catalog, schema: str, name: str, new: str) -> None:
    index = catalog.index(schema, name)
    if index is not None:
        indexes.rename_index(catalog, index, new)


def _rename_column(catalog: Catalog, tree: Node, new: str) -> None:
    table, old = catalog.relation_name(*names.range_var(tree["relation"])), tree.get("subname", "")
    for target in (table, *catalog.descendants(table)):
        relation = catalog.known(target)
        catalog.change(
            target,
            columns=tuple(replace(c, name=new) if c.name == old else c for c in relation.columns),
            constraints=tuple(_constraint_renamed(c, old, new) for c in relation.constraints),
            indexes=tuple(_index_renamed(i, old, new) for i in relation.indexes),
        )
        for view in catalog.readers(target):
            uses = catalog.known(view).uses
            if (target, old) in uses:
                catalog.change(view, uses=uses - {(target, old)} | {(target, new)})
        for child, _ in catalog.referencing(target):
            constraints = catalog.known(child).constraints
            catalog.change(
                child, constraints=tuple(_reference_renamed(c, target, old, new) for c in constraints)
            )


def _swap(columns: tuple[str, ...], old: str, new: str) -> tuple[str, ...]:
    return tuple(new if column == old else column for column in columns)


def _constraint_renamed(constraint: Constraint, old: str, new: str) -> Constraint:
    if old not in constraint.columns:
        return constraint
    return replace(
        constraint,
        columns=_swap(constraint.columns, old, new),
        expression=_renamed_in(constraint.expression, old, new),
    )


def _index_renamed(index: Index, old: str, new: str) -> Index:
    index_keys = tuple(
        replace(
            key,
            column=new if key.column == old else key.column,
            expression=_renamed_in(key.expression, old, new),
        )
        for key in index.keys
    )
    return replace(
        index,
        keys=index_keys,
        include=_swap(index.include, old, new),
        predicate=_renamed_in(index.predicate, old, new),
        labels=labels_of(index),
    )


def _reference_renamed(constraint: Constraint, table: QualifiedName, old: str, new: str) -> Constraint:
    if constraint.references != table:
        return constraint
    return replace(constraint, referenced_columns=_swap(constraint.referenced_columns, old, new))


def _renamed_in(tree: Any, old: str, new: str) -> Any:
    """An expression with one column under its new name."""
    if isinstance(tree, list):
        return [_renamed_in(item, old, new) for item in tree]
    if not isinstance(tree, dict):
        return tree
    reference = tree.get("ColumnRef")
    if reference and reference["fields"][-1].get("String", {}).get("sval") == old:
        fields = [*reference["fields"][:-1], {"String": {"sval": new}}]
        return {"ColumnRef": {**reference, "fields": fields}}
    return {key: _renamed_in(value, old, new) for key, value in tree.items()}


_PARTS = {"OBJECT_TABCONSTRAINT": "constraints", "OBJECT_TRIGGER": "triggers", "OBJECT_POLICY": "policies"}
_HANDED_DOWN = ("constraints", "triggers")


def _rename_part(catalog: Catalog, tree: Node, field: str, new: str) -> None:
    relation: Relation = catalog.known(catalog.relation_name(*names.range_var(tree["relation"])))
    old = tree.get("subname", "")
    if field == "constraints":
        index = next((i for i in relation.indexes if i.constraint == old), None)
        if index is not None:
            _rename_index(catalog, index.name.schema, index.name.name, new)
            return
    below = catalog.descendants(relation.name) if field in _HANDED_DOWN else ()
    # A check that a child has of its own as well is one with the parent's, which goes by its name.
    own = relation.constraint(old) if field == "constraints" else None
    merged = own is not None and own.kind == "check" and not own.no_inherit
    for table in (relation.name, *below):
        all_of_that_name = merged or table == relation.name
        changed = tuple(
            replace(part, name=new) if part.name == old and (all_of_that_name or part.inherited) else part
            for part in getattr(catalog.known(table), field)
        )
        catalog.change(table, **{field: changed})


def _rename_domain_constraint(catalog: Catalog, tree: Node, new: str) -> None:
    domain = catalog.domain(*names.object_name(tree["object"]))
    if domain is not None:
        old = tree.get("subname")
        changed = tuple(replace(c, name=new) if c.name == old else c for c in domain.constraints)
        catalog.put_domain(replace(domain, constraints=changed))


def move_type(catalog: Catalog, schema: str, name: str, to: Callable[[QualifiedName], QualifiedName]) -> None:
    """Give a type or domain another name; the columns of that type follow."""
    domain, user_type = catalog.domain(schema, name), catalog.user_type(schema, name)
    found = domain or user_type
    if found is None:
        return
    new = to(found.name)
    users = catalog.type_users(found.name)
    catalog.drop_type(found.name)
    if domain is not None:
        catalog.put_domain(replace(domain, name=new))
    elif user_type is not None:
        catalog.put_type(replace(user_type, name=new))
    for table in dict.fromkeys(table for table, _ in users):
        columns = catalog.known(table).columns
        catalog.change(
            table,
            columns=tuple(
                replace(c, type=replace(c.type, name=new)) if c.type.name == found.name else c
                for c in columns
            ),
        )


def move_functions(catalog: Catalog, signature: Node, to: Callable[[QualifiedName], QualifiedName]) -> None:
    """Give functions another name; triggers follow when the last function of the old name goes."""
    old, group = find_functions(catalog, signature)
    wanted = signature_types(catalog, signature)
    moved = tuple(f for f in group if wanted in (None, f.argument_types))
    if not moved:
        return
    new = to(old)
    grants = catalog.privileges.on_function(old)
    present = catalog.functions(new.schema, new.name)
    catalog.put_functions(old, tuple(f for f in group if f not in moved))
    catalog.put_functions(new, (*present, *(replace(f, name=new) for f in moved)))
    catalog.privileges.functions.put(new, catalog.privileges.on_function(new) | grants)
    for relation in list(catalog.relations()):
        if any(t.function == old for t in relation.triggers):
            triggers = tuple(replace(t, function=new) if t.function == old else t for t in relation.triggers)
            catalog.change(relation.name, triggers=triggers)


def _rename_schema(catalog: Catalog, old: str, new: str) -> None:
    for relation in list(catalog.relations()):
        if relation.name.schema == old:
            catalog.rename_relation(relation.name, QualifiedName(new, relation.name.name))
    for found in catalog.named_types():
        if found.schema == old:
            move_type(catalog, old, found.name, lambda name: QualifiedName(new, name.name))
    catalog.schemas.remove(old)
    catalog.schemas.put(new, new)
