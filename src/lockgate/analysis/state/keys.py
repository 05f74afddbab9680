"""Adding constraints: the names and the indexes that the server gives them."""

from __future__ import annotations

from collections.abc import Collection

from lockgate.analysis.state.catalog import Catalog
from lockgate.analysis.state.columns import ConstraintSpec
from lockgate.analysis.state.indexes import alike, index_key
from lockgate.analysis.state.naming import KEYS, constraint_name, labels, labels_of
from lockgate.analysis.view import Constraint, Index, IndexKey, Relation
from lockgate.sql.identifiers import QualifiedName
from lockgate.values import replace


def add_constraint(
    catalog: Catalog, table: QualifiedName, spec: ConstraintSpec, children: tuple[QualifiedName, ...] = ()
) -> None:
    """Add a constraint to a table and to those below it, each after the one above it.

    With it come the index behind a key and the NOT NULL that a primary key implies.
    """
    if spec.kind in KEYS:
        _add_keys(catalog, table, spec, children)
        return
    _add_to(catalog, table, spec)
    for child in map(catalog.known, children):
        given = catalog.known(table).constraints[-1]
        if given.kind == "foreign key" and child.is_partition:
            _take_reference(catalog, child, given)
        elif given.kind in ("check", "not null") and not given.no_inherit:
            handed = replace(spec.constraint, name=given.name, inherited=True)
            _add_to(catalog, child.name, replace(spec, constraint=handed))


def _add_to(catalog: Catalog, table: QualifiedName, spec: ConstraintSpec) -> None:
    relation = catalog.known(table)
    if spec.kind == "not null":
        _add_not_null(catalog, relation, spec.constraint)
    else:
        _append(catalog, relation, _completed(catalog, spec.constraint))


def add_references_of(catalog: Catalog, parent: Relation, name: QualifiedName) -> None:
    """A table that becomes a partition, and all below it, get the foreign keys of the partitioned table."""
    for table in (name, *catalog.descendants(name)):
        for reference in parent.constraints:
            if reference.kind == "foreign key":
                _take_reference(catalog, catalog.known(table), reference)


def _take_reference(catalog: Catalog, relation: Relation, reference: Constraint) -> None:
    """An equal foreign key that is there already stands for the one that comes down."""
    handed = replace(reference, inherited=True)
    for own in relation.constraints:
        if not own.inherited and replace(own, name=reference.name, inherited=True) == handed:
            kept = tuple(replace(c, inherited=True) if c is own else c for c in relation.constraints)
            catalog.change(relation.name, constraints=kept)
            return
    is_free = relation.constraint(reference.name) is None
    _append(catalog, relation, handed if is_free else replace(handed, name=""))


def mark_not_null(
    catalog: Catalog, table: QualifiedName, columns: tuple[str, ...], *, inherited: bool
) -> None:
    """Make columns NOT NULL; ``inherited`` says that it comes down from a parent."""
    relation = catalog.known(table)
    changed = tuple(
        replace(column, not_null=True, own_not_null=column.own_not_null or not inherited)
        if column.name in columns
        else column
        for column in relation.columns
    )
    catalog.change(table, columns=changed)


def _completed(catalog: Catalog, constraint: Constraint) -> Constraint:
    """A foreign key that names no columns means the primary key of the table that it points to."""
    if constraint.references is None or constraint.referenced_columns:
        return constraint
    target = catalog.known(constraint.references)
    primary = next((key for key in target.constraints if key.kind == "primary key"), None)
    return replace(constraint, referenced_columns=primary.columns) if primary else constraint


def _append(catalog: Catalog, relation: Relation, constraint: Constraint) -> Constraint:
    named = replace(constraint, name=constraint_name(catalog, relation, constraint))
    kept = tuple(present for present in relation.constraints if present.name != named.name)
    catalog.change(relation.name, constraints=(*kept, named))
    catalog.remember("constraint", relation.name, named.name)
    return named


def _add_not_null(catalog: Catalog, relation: Relation, constraint: Constraint) -> None:
    _append(catalog, relation, constraint)
    if constraint.valid:
        mark_not_null(catalog, relation.name, constraint.columns, inherited=constraint.inherited)


def _add_keys(
    catalog: Catalog,
    table: QualifiedName,
    spec: ConstraintSpec,
    children: Collection[QualifiedName],
    above: Index | None = None,
) -> None:
    """Add a key, and go down until a partition has one of its own that can stand for it (``DefineIndex``)."""
    relation = catalog.known(table)
    own = next((i for i in relation.indexes if above and i.parent is None and alike(catalog, i, above)), None)
    if own is not None and above is not None:
        _adopt(catalog, relation, own, above)
        return
    made = _add_key(catalog, relation, spec, above)
    handed = replace(spec, constraint=replace(spec.constraint, name="", inherited=True))
    for child in catalog.children(table) if made else ():
        if child in children and catalog.known(child).is_partition:
            _add_keys(catalog, child, handed, children, made)


def _add_key(catalog: Catalog, relation: Relation, spec: ConstraintSpec, above: Index | None) -> Index | None:
    existing = next((i for i in relation.indexes if i.name.name == spec.using_index), None)
    constraint = _with_columns(spec, existing)
    index_labels = labels_of(existing) if existing else labels(_keys_of(spec), spec.include)
    named = constraint_name(catalog, relation, constraint, index_labels)
    index = existing if spec.using_index else _index_of(relation, spec, constraint)
    kept = tuple(i for i in relation.indexes if i is not existing)
    if index is not None:
        index = replace(
            index,
            name=QualifiedName(relation.name.schema, named),
            constraint=named,
            primary=constraint.kind == "primary key",
            parent=above.name if above else index.parent,
        )
        catalog.change(relation.name, indexes=(*kept, index))
        catalog.remember("index", index.name)
    behind = index.name if index else None
    _append(catalog, catalog.known(relation.name), replace(constraint, name=named, index=behind))
    if constraint.kind == "primary key":
        for table in (relation.name, *catalog.descendants(relation.name)):
            below = constraint.inherited or table != relation.name
            mark_not_null(catalog, table, constraint.columns, inherited=below)
    return index


def _adopt(catalog: Catalog, relation: Relation, own: Index, above: Index) -> None:
    """Hang a key that a partition has already below the one that its parent gets."""
    attached = replace(own, parent=above.name)
    catalog.change(
        relation.name,
        indexes=tuple(attached if i is own else i for i in relation.indexes),
        constraints=tuple(
            replace(c, inherited=True) if c.name == own.constraint else c for c in relation.constraints
        ),
    )


def _with_columns(spec: ConstraintSpec, existing: Index | None) -> Constraint:
    """The constraint of a key with what its index tells: the columns, and with USING INDEX the name."""
    constraint = spec.constraint
    if spec.using_index and existing is not None:
        columns = tuple(key.column for key in existing.keys)
        return replace(constraint, columns=columns, name=constraint.name or existing.name.name)
    if spec.kind == "exclude":
        return replace(constraint, columns=tuple(key.column for key in excluded(spec) if key.column))
    return constraint


def excluded(spec: ConstraintSpec) -> tuple[IndexKey, ...]:
    """The columns and expressions of EXCLUDE, each without its operator."""
    return tuple(index_key(item["List"]["items"][0]["IndexElem"]) for item in spec.exclusions)


def _keys_of(spec: ConstraintSpec) -> tuple[IndexKey, ...]:
    return excluded(spec) or tuple(IndexKey(column) for column in spec.constraint.columns)


def _index_of(relation: Relation, spec: ConstraintSpec, constraint: Constraint) -> Index:
    return Index(
        QualifiedName(relation.name.schema, ""),
        relation.name,
        keys=_keys_of(spec),
        include=spec.include,
        unique=constraint.kind != "exclude",
        method=spec.method,
        predicate=spec.predicate,
        partitioned=relation.kind == "partitioned table",
    )
