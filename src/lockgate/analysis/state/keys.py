"""Adding constraints: the names and the indexes that the server gives them."""

from __future__ import annotations

from lockgate.analysis.state import names
from lockgate.analysis.state.catalog import Catalog
from lockgate.analysis.state.columns import ConstraintSpec
from lockgate.analysis.state.indexes import index_key, named_after
from lockgate.analysis.view import Constraint, Index, IndexKey, Relation
from lockgate.sql.identifiers import QualifiedName
from lockgate.sql.parse import Node, walk
from lockgate.values import replace

_LABELS = {
    "primary key": "pkey",
    "unique": "key",
    "check": "check",
    "foreign key": "fkey",
    "exclude": "excl",
    "not null": "not_null",
}


def referenced_columns(expression: Node | None) -> tuple[str, ...]:
    """The column names in an expression, each once, in order."""
    found: dict[str, None] = {}
    for kind, inside in walk(expression):
        if kind == "ColumnRef":
            last = inside["fields"][-1]
            if "String" in last:
                found[names.text(last)] = None
    return tuple(found)


def constraint_name(relation: Relation, constraint: Constraint, root: str = "") -> str:
    """The name of a constraint, or the one that the server makes up for it; a child takes that of the ``root``."""
    if constraint.name:
        return constraint.name
    label = _LABELS[constraint.kind]
    middle = "_".join(constraint.columns)
    if constraint.kind == "primary key":
        middle = ""
    elif constraint.kind == "check" and len(constraint.columns) != 1:
        columns = referenced_columns(constraint.expression)
        middle = columns[0] if len(columns) == 1 else ""
    taken = {present.name for present in relation.constraints}
    table = root or relation.name.name
    candidate, number = names.generated_name(table, middle, label), 1
    while candidate in taken:
        candidate, number = names.generated_name(table, middle, f"{label}{number}"), number + 1
    return candidate


def add_constraint(
    catalog: Catalog, table: QualifiedName, spec: ConstraintSpec, inherited: bool = False, root: str = ""
) -> None:
    """Add a constraint to a table, with the index behind it and the NOT NULL that a primary key implies."""
    relation = catalog.known(table)
    constraint = replace(spec.constraint, inherited=inherited)
    if constraint.kind in ("primary key", "unique", "exclude"):
        _add_key(catalog, relation, spec, constraint)
        return
    name = constraint_name(relation, constraint, root)
    if constraint.kind == "not null":
        _add_not_null(catalog, relation, replace(constraint, name=name))
    else:
        _append(catalog, relation, _completed(catalog, replace(constraint, name=name)))


def mark_not_null(catalog: Catalog, table: QualifiedName, columns: tuple[str, ...]) -> None:
    """Make columns NOT NULL."""
    relation = catalog.known(table)
    changed = tuple(
        replace(column, not_null=True) if column.name in columns else column for column in relation.columns
    )
    catalog.change(table, columns=changed)


def _completed(catalog: Catalog, constraint: Constraint) -> Constraint:
    """A foreign key that names no columns means the primary key of the table that it points to."""
    if constraint.kind == "check" and not constraint.columns:
        return replace(constraint, columns=referenced_columns(constraint.expression))
    if constraint.references is None or constraint.referenced_columns:
        return constraint
    target = catalog.known(constraint.references)
    primary = next((key for key in target.constraints if key.kind == "primary key"), None)
    return replace(constraint, referenced_columns=primary.columns) if primary else constraint


def _append(catalog: Catalog, relation: Relation, constraint: Constraint) -> Constraint:
    named = replace(constraint, name=constraint_name(relation, constraint))
    kept = tuple(present for present in relation.constraints if present.name != named.name)
    catalog.change(relation.name, constraints=(*kept, named))
    catalog.remember("constraint", relation.name, named.name)
    return named


def _add_not_null(catalog: Catalog, relation: Relation, constraint: Constraint) -> None:
    _append(catalog, relation, constraint)
    if constraint.valid:
        mark_not_null(catalog, relation.name, constraint.columns)


def _add_key(catalog: Catalog, relation: Relation, spec: ConstraintSpec, constraint: Constraint) -> None:
    source = relation.name.schema
    existing = next((i for i in relation.indexes if i.name.name == spec.using_index), None)
    if spec.using_index and existing is not None:
        columns = tuple(key.column for key in existing.keys)
        constraint = replace(constraint, columns=columns, name=constraint.name or existing.name.name)
    elif spec.kind == "exclude":
        columns = tuple(key.column for key in excluded(spec) if key.column)
        constraint = replace(constraint, columns=columns)
    if not constraint.name and constraint.kind != "primary key":
        constraint = replace(constraint, name=_key_name(relation, spec))
    named = constraint_name(relation, constraint)
    index = existing if spec.using_index else _index_of(relation, spec, constraint)
    kept = tuple(i for i in relation.indexes if i is not existing)
    if index is not None:
        index = replace(
            index,
            name=QualifiedName(source, named),
            constraint=named,
            primary=constraint.kind == "primary key",
            parent=_above(catalog, relation, constraint) or index.parent,
        )
        catalog.change(relation.name, indexes=(*kept, index))
        catalog.remember("index", index.name)
    _append(
        catalog,
        catalog.known(relation.name),
        replace(constraint, name=named, index=index.name if index else None),
    )
    if constraint.kind == "primary key":
        mark_not_null(catalog, relation.name, constraint.columns)


def _above(catalog: Catalog, relation: Relation, constraint: Constraint) -> QualifiedName | None:
    """The index of the partitioned table that a key came down from: the last one that was made there for such a key."""
    if not (constraint.inherited and relation.is_partition):
        return None
    above = catalog.known(relation.parents[0]).constraints
    same = (c.index for c in reversed(above) if (c.kind, c.columns) == (constraint.kind, constraint.columns))
    return next(same, None)


def excluded(spec: ConstraintSpec) -> tuple[IndexKey, ...]:
    """The columns and expressions of EXCLUDE, each without its operator."""
    return tuple(index_key(item["List"]["items"][0]["IndexElem"]) for item in spec.exclusions)


def _key_name(relation: Relation, spec: ConstraintSpec) -> str:
    """The name that the server makes up for UNIQUE and EXCLUDE, from all columns of the index."""
    index_keys = excluded(spec) or tuple(IndexKey(column) for column in spec.constraint.columns)
    middle, label = named_after(index_keys, spec.include), _LABELS[spec.kind]
    taken = {present.name for present in relation.constraints}
    candidate, number = names.generated_name(relation.name.name, middle, label), 1
    while candidate in taken:
        candidate, number = names.generated_name(relation.name.name, middle, f"{label}{number}"), number + 1
    return candidate


def _index_of(relation: Relation, spec: ConstraintSpec, constraint: Constraint) -> Index:
    return Index(
        QualifiedName(relation.name.schema, ""),
        relation.name,
        keys=excluded(spec) or tuple(IndexKey(column) for column in constraint.columns),
        include=spec.include,
        unique=constraint.kind != "exclude",
        method=spec.method,
        predicate=spec.predicate,
        partitioned=relation.kind == "partitioned table",
    )
