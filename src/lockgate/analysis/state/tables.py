"""CREATE TABLE in all its forms, replayed."""

from __future__ import annotations

from typing import Literal

from lockgate.analysis.state import keys, names
from lockgate.analysis.state.catalog import TEMPORARY, Catalog, with_column
from lockgate.analysis.state.columns import ColumnSpec, ConstraintSpec, read_constraint
from lockgate.analysis.state.indexes import alike
from lockgate.analysis.state.naming import copied_name, sequence_name
from lockgate.analysis.view import (
    Column,
    Index,
    IndexKey,
    PartitionBound,
    PartitionKey,
    PartitionStrategy,
    Relation,
    RelationKind,
)
from lockgate.sql.identifiers import QualifiedName
from lockgate.sql.parse import Node
from lockgate.values import replace

_STRATEGIES: dict[str, PartitionStrategy] = {
    "PARTITION_STRATEGY_RANGE": "range",
    "PARTITION_STRATEGY_LIST": "list",
    "PARTITION_STRATEGY_HASH": "hash",
}
_LIKE_DEFAULTS, _LIKE_IDENTITY, _LIKE_GENERATED, _LIKE_INDEXES = 1 << 3, 1 << 5, 1 << 4, 1 << 6
_LIKE_CONSTRAINTS = 1 << 2
Persistence = Literal["permanent", "unlogged", "temporary"]
_PERSISTENCE: dict[str, Persistence] = {"t": "temporary", "u": "unlogged"}


def create_table(catalog: Catalog, tree: Node, kind: RelationKind = "table") -> None:
    """CREATE TABLE; with IF NOT EXISTS and a known table nothing happens, as on the server."""
    name = created_name(catalog, tree["relation"])
    if tree.get("if_not_exists") and catalog.relation(name.schema, name.name):
        return
    above = [catalog.relation_name(*names.range_var(p["RangeVar"])) for p in tree.get("inhRelations", ())]
    parents = tuple(parent for parent in above if not catalog.is_below(parent, name))
    catalog.put_relation(
        Relation(
            name,
            kind="partitioned table" if "partspec" in tree else kind,
            is_new=True,
            parents=parents,
            partition_key=_partition_key(tree.get("partspec")),
            partition_bound=read_bound(tree.get("partbound")),
            persistence=_PERSISTENCE.get(tree["relation"].get("relpersistence", "p"), "permanent"),
            access_method=tree.get("accessMethod", "heap"),
            tablespace=tree.get("tablespacename", ""),
            of_type=catalog.resolve_type(tree["ofTypename"]).name if "ofTypename" in tree else None,
        )
    )
    catalog.privileges.relations.put(name, catalog.privileges.initial(name.schema, "table"))
    for parent in parents:
        _inherit(catalog, name, catalog.known(parent))
    if "ofTypename" in tree:
        _take_attributes(catalog, name)
    _add_elements(catalog, name, tree.get("tableElts", []))
    _add_elements(catalog, name, tree.get("constraints", []))


def _take_attributes(catalog: Catalog, name: QualifiedName) -> None:
    """A table OF a composite type has its attributes; of a type that is not known it has more than is known."""
    of_type = catalog.known(name).of_type
    source = catalog.known(of_type) if of_type is not None else None
    if source is not None:
        catalog.change(name, columns=source.columns, partial=source.partial)


def created_name(catalog: Catalog, range_var: Node) -> QualifiedName:
    """Where CREATE puts a relation."""
    if range_var.get("relpersistence") == "t":
        return QualifiedName(TEMPORARY, range_var["relname"])
    return catalog.new_name(*names.range_var(range_var))


def add_column(
    catalog: Catalog, table: QualifiedName, spec: ColumnSpec, children: tuple[QualifiedName, ...] = ()
) -> None:
    """Add a column to a table and to those below it, with its inline constraints and the sequence that it may own."""
    for target in (table, *children):
        relation = catalog.known(target)
        if relation.column(spec.name) is None:
            below = target != table
            own = spec.column.own_not_null and not below
            column = replace(spec.column, inherited=below, own_not_null=own)
            catalog.change(target, columns=with_column(relation.columns, column))
            catalog.remember("column", target, spec.name)
        elif spec.column.not_null and target != table and catalog.major >= 18:
            keys.mark_not_null(catalog, target, (spec.name,), inherited=True)
    _complete_column(catalog, table, spec, children)


def _complete_column(
    catalog: Catalog, table: QualifiedName, spec: ColumnSpec, children: tuple[QualifiedName, ...] = ()
) -> None:
    if spec.serial or spec.identity:
        _own_sequence(catalog, table, spec.name)
    for constraint in spec.constraints:
        keys.add_constraint(catalog, table, constraint, children)
    if spec.not_null_name:
        constraint_node = {"contype": "CONSTR_NOTNULL", "conname": spec.not_null_name}
        found = read_constraint(constraint_node, catalog.relation_name, spec.name)
        if found is not None:
            keys.add_constraint(catalog, table, found, children)


def read_bound(node: Node | None) -> PartitionBound | None:
    """The bound of PARTITION OF and ATTACH PARTITION."""
    return PartitionBound(node, bool(node.get("is_default"))) if node is not None else None


def _partition_key(spec: Node | None) -> PartitionKey | None:
    if spec is None:
        return None
    elements = [item["PartitionElem"] for item in spec.get("partParams", ())]
    index_keys = tuple(IndexKey(e.get("name", ""), e.get("expr")) for e in elements)
    return PartitionKey(_STRATEGIES[spec["strategy"]], index_keys)


def _inherit(catalog: Catalog, name: QualifiedName, parent: Relation) -> None:
    relation = catalog.known(name)
    columns = relation.columns
    private = {
        c.columns[0] for c in parent.constraints if c.kind == "not null" and c.no_inherit and c.columns
    }
    for column in parent.columns:
        not_null = column.not_null and column.name not in private
        identity = column.identity and relation.is_partition
        columns = with_column(
            columns, replace(column, inherited=True, not_null=not_null, own_not_null=False, identity=identity)
        )
    partition = relation.is_partition
    passed_on = ("check", "not null", "foreign key") if partition else ("check", "not null")
    constraints = tuple(
        replace(c, inherited=True, valid=c.enforced)
        for c in parent.constraints
        if c.kind in passed_on and not c.no_inherit
    )
    catalog.change(name, columns=columns, constraints=(*relation.constraints, *constraints))
    if partition:
        adopt_keys(catalog, parent, name)
        adopt_triggers(catalog, parent, name)


def adopt_triggers(catalog: Catalog, parent: Relation, name: QualifiedName) -> None:
    """A partition, and all below it, get the row triggers of the parent (``CloneRowTriggersToPartition``)."""
    cloned = tuple(replace(t, inherited=True) for t in parent.triggers if t.for_each_row)
    if not cloned:
        return
    taken = {trigger.name for trigger in cloned}
    for table in (name, *catalog.descendants(name)):
        kept = tuple(t for t in catalog.known(table).triggers if t.name not in taken)
        catalog.change(table, triggers=(*kept, *cloned))


def _is_free(index: Index) -> bool:
    """Whether an index of a table that is attached can hang below another one; what is not valid cannot."""
    return index.parent is None and index.valid


def adopt_keys(catalog: Catalog, parent: Relation, name: QualifiedName) -> None:
    """What a partition gets of its parent's indexes and keys: those that it has are attached, the others are made."""
    relation = catalog.known(name)
    indexes, adopted = list(relation.indexes), set()
    missing = []
    for wanted in parent.indexes:
        if any(own.parent == wanted.name for own in indexes):
            continue
        place = next(
            (n for n, own in enumerate(indexes) if _is_free(own) and alike(catalog, own, wanted)), None
        )
        if place is None:
            missing.append(wanted)
        else:
            adopted |= {indexes[place].constraint} if wanted.constraint else set()
            indexes[place] = replace(indexes[place], parent=wanted.name)
    constraints = tuple(replace(c, inherited=True) if c.name in adopted else c for c in relation.constraints)
    catalog.change(name, indexes=tuple(indexes), constraints=constraints)
    copy_indexes(catalog, replace(parent, indexes=tuple(missing)), name, attach=True)
    _copy_keys(catalog, parent, name, tuple(missing), inherited=True)
    table = catalog.known(name)
    made = replace(table, indexes=table.indexes[len(indexes) :])
    for below in catalog.children(name):
        adopt_keys(catalog, made, below)


def copy_indexes(catalog: Catalog, source: Relation, target: QualifiedName, attach: bool) -> None:
    """Give a table the indexes of another one, under names of its own; a partition's hang below its parent's."""
    relation = catalog.known(target)
    for index in source.indexes:
        name = copied_name(catalog, target, index)
        copy = replace(
            index,
            name=QualifiedName(target.schema, name),
            table=target,
            parent=index.name if attach else None,
            constraint=name if index.constraint else "",
            valid=True,
            partitioned=relation.kind == "partitioned table",
        )
        catalog.change(target, indexes=(*catalog.known(target).indexes, copy))


def _add_elements(catalog: Catalog, name: QualifiedName, elements: list[Node]) -> None:
    """Columns come before constraints, as the server does it, so that keys find their columns."""
    specs: list[ColumnSpec] = []
    for element in elements:
        if "ColumnDef" in element:
            spec = catalog.column_spec(element["ColumnDef"])
            specs.append(_merged(spec, catalog.known(name).column(spec.name)))
        elif "TableLikeClause" in element:
            _add_columns(catalog, name, specs)
            _like(catalog, name, element["TableLikeClause"])
            specs = []
    _add_columns(catalog, name, specs)
    for element in elements:
        if "Constraint" in element:
            found = read_constraint(element["Constraint"], catalog.relation_name)
            if found is not None:
                keys.add_constraint(catalog, name, _born_valid(found))


def _add_columns(catalog: Catalog, name: QualifiedName, specs: list[ColumnSpec]) -> None:
    """All columns in one change of the relation, then what hangs on each."""
    if not specs:
        return
    columns = catalog.known(name).columns
    for spec in specs:
        columns = with_column(columns, spec.column) if columns else (spec.column,)
    catalog.change(name, columns=columns)
    for spec in specs:
        _complete_column(catalog, name, spec)


def _born_valid(spec: ConstraintSpec) -> ConstraintSpec:
    """In CREATE TABLE the server ignores NOT VALID: there is no row that could break the constraint."""
    constraint = spec.constraint
    return replace(spec, constraint=replace(constraint, valid=constraint.enforced))


def _merged(spec: ColumnSpec, known: Column | None) -> ColumnSpec:
    """A column that a parent has, too: in ``PARTITION OF … (col WITH OPTIONS …)`` it has no type of its own."""
    if known is None:
        return spec
    is_own = bool(spec.column.type.name.name)
    column = replace(
        known,
        not_null=known.not_null or spec.column.not_null,
        own_not_null=spec.column.not_null,
        inherited=known.inherited and not is_own,
    )
    return replace(spec, column=replace(column, default=spec.column.default or known.default))


def _like(catalog: Catalog, name: QualifiedName, clause: Node) -> None:
    source = catalog.known(catalog.relation_name(*names.range_var(clause["relation"])))
    options = clause.get("options", 0)
    relation = catalog.known(name)
    columns = relation.columns
    for column in source.columns:
        columns = with_column(columns, _liked(column, options))
    constraints = relation.constraints
    if options & _LIKE_CONSTRAINTS:
        constraints += tuple(
            replace(c, inherited=False, valid=c.enforced) for c in source.constraints if c.kind == "check"
        )
    catalog.change(name, columns=columns, constraints=constraints, partial=relation.partial or source.partial)
    for column in source.columns:
        if column.identity and options & _LIKE_IDENTITY:
            _own_sequence(catalog, name, column.name)
    if options & _LIKE_INDEXES:
        copy_indexes(catalog, source, name, attach=False)
        _copy_keys(catalog, source, name, source.indexes, inherited=False)


def _copy_keys(
    catalog: Catalog, source: Relation, name: QualifiedName, indexes: tuple[Index, ...], inherited: bool
) -> None:
    """The constraints of copied indexes, which are the last ones of the relation."""
    relation = catalog.known(name)
    originals = {c.name: c for c in source.constraints}
    pairs = zip(indexes, relation.indexes[len(relation.indexes) - len(indexes) :], strict=True)
    copies = tuple(
        replace(originals[old.constraint], name=new.constraint, index=new.name, inherited=inherited)
        for old, new in pairs
        if old.constraint in originals
    )
    catalog.change(name, constraints=(*relation.constraints, *copies))


def _liked(column: Column, options: int) -> Column:
    generated = bool(column.generated)
    keep = options & (_LIKE_GENERATED if generated else _LIKE_DEFAULTS)
    copied = column if keep else replace(column, default=None, generated="")
    copied = replace(copied, inherited=False, own_not_null=copied.not_null)
    return replace(copied, identity=column.identity and bool(options & _LIKE_IDENTITY))


def _own_sequence(catalog: Catalog, table: QualifiedName, column: str) -> None:
    name = QualifiedName(table.schema, sequence_name(catalog, table, column))
    catalog.put_relation(Relation(name, kind="sequence", is_new=True, owned_by=(table, column)))
    catalog.privileges.relations.put(name, catalog.privileges.initial(name.schema, "sequence"))
