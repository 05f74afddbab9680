"""ALTER TABLE (and ALTER INDEX, ALTER VIEW … where the grammar shares the node), replayed command by command."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lockgate.analysis.state import indexes, keys, names, tables
from lockgate.analysis.state.catalog import Catalog
from lockgate.analysis.state.columns import read_constraint, referenced_columns
from lockgate.analysis.state.drops import drop_references, drop_what_needs
from lockgate.analysis.state.storage import read_options
from lockgate.analysis.view import Constraint, Index, Relation
from lockgate.sql.identifiers import QualifiedName
from lockgate.sql.parse import Node
from lockgate.values import replace

Command = Callable[[Catalog, QualifiedName, Node], None]
Adding = Callable[[Catalog, QualifiedName, Node, tuple[QualifiedName, ...]], None]


def alter_table(catalog: Catalog, tree: Node) -> None:
    """Replay every command; on a partitioned table or a parent they reach the children too."""
    schema, name = names.range_var(tree["relation"])
    if tree.get("objtype") == "OBJECT_INDEX":
        _alter_index(catalog, schema, name, tree)
        return
    if tree.get("missing_ok") and catalog.relation(schema, name) is None:
        return
    target = catalog.relation_name(schema, name)
    if catalog.relation(schema, name) is None:
        catalog.change(target)
    recurse = bool(tree["relation"].get("inh"))
    for item in tree.get("cmds", ()):
        command = item["AlterTableCmd"]
        _apply(catalog, target, command, recurse)


def _apply(catalog: Catalog, target: QualifiedName, command: Node, recurse: bool) -> None:
    subtype = command.get("subtype", "AT_AddColumn")
    children = tuple(catalog.descendants(target)) if recurse else ()
    if subtype in _ADDING:
        _ADDING[subtype](catalog, target, command, children)
        return
    handler = COMMANDS.get(subtype)
    if handler is None:
        return
    handler(catalog, target, command)
    if subtype == "AT_SetNotNull":
        _edit_column(catalog, target, command["name"], own_not_null=True)
    for child in children if subtype in _RECURSIVE else ():
        if _follows(catalog, child, subtype, command.get("name", "")):
            handler(catalog, child, command)


def _follows(catalog: Catalog, child: QualifiedName, subtype: str, column: str) -> bool:
    """Whether a table does what its parent does: what it has of its own it keeps."""
    if subtype == "AT_DropColumn":
        return _only_inherits(catalog, child, column)
    if subtype == "AT_DropNotNull" and catalog.major >= 18:
        relation = catalog.known(child)
        known = relation.column(column)
        above = (catalog.known(parent).column(column) for parent in relation.parents)
        return known is None or not (known.own_not_null or any(c is not None and c.not_null for c in above))
    return True


def _only_inherits(catalog: Catalog, table: QualifiedName, column: str) -> bool:
    """Whether a table has a column from parents alone, none of which has it any more."""
    relation = catalog.known(table)
    own = relation.column(column)
    return own is None or (
        own.inherited and all(catalog.known(parent).column(column) is None for parent in relation.parents)
    )


def _add_column(
    catalog: Catalog, table: QualifiedName, command: Node, children: tuple[QualifiedName, ...] = ()
) -> None:
    spec = catalog.column_spec(command["def"]["ColumnDef"])
    if catalog.known(table).column(spec.name) is None:
        tables.add_column(catalog, table, spec, children)


def _drop_column(catalog: Catalog, table: QualifiedName, command: Node) -> None:
    relation, name = catalog.known(table), command.get("name", "")
    kept = tuple(i for i in relation.indexes if not _uses(i, name))
    behind = {i.constraint for i in relation.indexes} - {i.constraint for i in kept}
    catalog.change(
        table,
        columns=tuple(c for c in relation.columns if c.name != name),
        constraints=tuple(c for c in relation.constraints if name not in c.columns and c.name not in behind),
        indexes=kept,
    )
    if command.get("behavior") == "DROP_CASCADE":
        drop_what_needs(catalog, table, name)
    for sequence in tuple(catalog.links.owned.get(table, ())):
        if catalog.known(sequence).owned_by == (table, name):
            catalog.drop_relation(sequence)


def _uses(index: Index, column: str) -> bool:
    if column in index.include or any(key.column == column for key in index.keys):
        return True
    trees = [key.expression for key in index.keys if key.expression] + [index.predicate]
    return any(column in referenced_columns(tree) for tree in trees)


def _edit_column(catalog: Catalog, table: QualifiedName, name: str, **changes: Any) -> None:
    relation = catalog.known(table)
    catalog.change(
        table, columns=tuple(replace(c, **changes) if c.name == name else c for c in relation.columns)
    )


def _set_default(catalog: Catalog, table: QualifiedName, command: Node) -> None:
    _edit_column(catalog, table, command["name"], default=command.get("def"))


def _set_not_null(catalog: Catalog, table: QualifiedName, command: Node) -> None:
    name = command["name"]
    _edit_column(catalog, table, name, not_null=True)
    _change_constraints(
        catalog,
        table,
        lambda c: c.kind == "not null" and c.columns == (name,),
        lambda c: replace(c, valid=True),
    )


def _drop_not_null(catalog: Catalog, table: QualifiedName, command: Node) -> None:
    relation, name = catalog.known(table), command["name"]
    kept = tuple(c for c in relation.constraints if not (c.kind == "not null" and c.columns == (name,)))
    if len(kept) != len(relation.constraints):
        catalog.change(table, constraints=kept)
    _edit_column(catalog, table, name, not_null=False, own_not_null=False)


def _alter_type(catalog: Catalog, table: QualifiedName, command: Node) -> None:
    spec = catalog.column_spec(command["def"]["ColumnDef"])
    _edit_column(catalog, table, command["name"], type=spec.column.type, collation=spec.column.collation)
    _renew_checks(catalog, table, command["name"])
    indexes.rebuild(catalog, table, lambda index: _uses(index, command["name"]))


def _renew_checks(catalog: Catalog, table: QualifiedName, column: str) -> None:
    """A CHECK of a parent is made anew for its column's new type: on the children it is as valid as on the parent."""
    parents = [catalog.known(parent) for parent in catalog.known(table).parents]
    unproved = {c.name for parent in parents for c in parent.constraints if c.kind == "check" and not c.valid}
    _change_constraints(
        catalog,
        table,
        lambda c: c.inherited and c.name in unproved and column in c.columns,
        lambda c: replace(c, valid=False),
    )


def _add_identity(catalog: Catalog, table: QualifiedName, command: Node) -> None:
    _edit_column(catalog, table, command["name"], identity=True)


def _drop_identity(catalog: Catalog, table: QualifiedName, command: Node) -> None:
    _edit_column(catalog, table, command["name"], identity=False)


def _drop_expression(catalog: Catalog, table: QualifiedName, command: Node) -> None:
    _edit_column(catalog, table, command["name"], generated="", default=None)


def _set_storage(catalog: Catalog, table: QualifiedName, command: Node) -> None:
    _edit_column(catalog, table, command["name"], storage=names.text(command["def"]).lower())


def _add_constraint(
    catalog: Catalog, table: QualifiedName, command: Node, children: tuple[QualifiedName, ...] = ()
) -> None:
    spec = read_constraint(command["def"]["Constraint"], catalog.relation_name)
    if spec is not None:
        keys.add_constraint(catalog, table, spec, children)


def _drop_constraint(catalog: Catalog, table: QualifiedName, command: Node) -> None:
    relation, name = catalog.known(table), command.get("name", "")
    gone = relation.constraint(name)
    if gone is not None and command.get("behavior") == "DROP_CASCADE":
        drop_references(catalog, table, lambda reference: reference.referenced_columns == gone.columns)
    catalog.change(
        table,
        constraints=tuple(c for c in relation.constraints if c.name != name),
        indexes=tuple(i for i in relation.indexes if i.constraint != name),
    )
    if gone is not None and gone.kind == "not null":
        for column in gone.columns:
            _edit_column(catalog, table, column, not_null=False)


def _validate(catalog: Catalog, table: QualifiedName, command: Node) -> None:
    name = command.get("name", "")
    gained = catalog.known(table).constraint(name)
    _change_constraints(catalog, table, lambda c: c.name == name, lambda c: replace(c, valid=True))
    if gained is not None and gained.kind == "not null":
        keys.mark_not_null(catalog, table, gained.columns, inherited=gained.inherited)


def _change_constraints(
    catalog: Catalog,
    table: QualifiedName,
    wanted: Callable[[Constraint], bool],
    change: Callable[[Constraint], Constraint],
) -> None:
    relation = catalog.known(table)
    changed = tuple(change(c) if wanted(c) else c for c in relation.constraints)
    if changed != relation.constraints:
        catalog.change(table, constraints=changed)


def _attach(catalog: Catalog, table: QualifiedName, command: Node) -> None:
    part = command["def"]["PartitionCmd"]
    child = catalog.relation_name(*names.range_var(part["name"]))
    if catalog.is_below(table, child):
        return
    catalog.change(child, parents=(table,), partition_bound=tables.read_bound(part.get("bound", {})))
    _inherit_like_a_partition(catalog, catalog.known(table), child)
    tables.adopt_keys(catalog, catalog.known(table), child)
    keys.add_references_of(catalog, catalog.known(table), child)
    tables.adopt_triggers(catalog, catalog.known(table), child)


def _inherit_like_a_partition(catalog: Catalog, parent: Relation, child: QualifiedName) -> None:
    """Columns, NOT NULL and checks that the parent has too are no longer the partition's own."""
    relation = catalog.known(child)
    filled = {column.name for column in parent.columns if column.not_null}
    checks = {c.name for c in parent.constraints if c.kind == "check" and not c.no_inherit}
    catalog.change(
        child,
        columns=tuple(
            replace(column, inherited=True, own_not_null=column.own_not_null and column.name not in filled)
            for column in relation.columns
        ),
        constraints=tuple(
            replace(c, inherited=True) if c.kind == "check" and c.name in checks else c
            for c in relation.constraints
        ),
    )


def _detach(catalog: Catalog, table: QualifiedName, command: Node) -> None:
    child = catalog.relation_name(*names.range_var(command["def"]["PartitionCmd"]["name"]))
    relation = catalog.known(child)
    catalog.change(
        child,
        parents=(),
        partition_bound=None,
        indexes=tuple(replace(index, parent=None) for index in relation.indexes),
        constraints=tuple(replace(c, inherited=False) for c in relation.constraints),
        columns=tuple(
            replace(column, inherited=False, own_not_null=column.not_null) for column in relation.columns
        ),
    )
    cloned = {trigger.name for trigger in relation.triggers if trigger.inherited}
    for partition in (child, *catalog.descendants(child)) if cloned else ():
        kept = tuple(t for t in catalog.known(partition).triggers if t.name not in cloned)
        catalog.change(partition, triggers=kept)


def _of_type(catalog: Catalog, table: QualifiedName, command: Node) -> None:
    named = command.get("def", {}).get("TypeName")
    catalog.change(table, of_type=catalog.resolve_type(named).name if named else None)


def _inherit(catalog: Catalog, table: QualifiedName, command: Node) -> None:
    parent = catalog.relation_name(*names.range_var(command["def"]["RangeVar"]))
    if not catalog.is_below(parent, table):
        catalog.change(table, parents=(*catalog.known(table).parents, parent))


def _no_inherit(catalog: Catalog, table: QualifiedName, command: Node) -> None:
    parent = catalog.relation_name(*names.range_var(command["def"]["RangeVar"]))
    catalog.change(table, parents=tuple(p for p in catalog.known(table).parents if p != parent))


def _set_options(catalog: Catalog, table: QualifiedName, command: Node) -> None:
    changed = dict(catalog.known(table).options) | dict(read_options(command["def"]["List"]["items"]))
    catalog.change(table, options=tuple(changed.items()))
    catalog.remember("options", table)


def _reset_options(catalog: Catalog, table: QualifiedName, command: Node) -> None:
    gone = {item["DefElem"]["defname"] for item in command["def"]["List"]["items"]}
    kept = tuple(pair for pair in catalog.known(table).options if pair[0] not in gone)
    catalog.change(table, options=kept)
    catalog.remember("options", table)


def _flag(**changes: Any) -> Command:
    def change(catalog: Catalog, table: QualifiedName, command: Node) -> None:
        catalog.change(table, **changes)

    return change


def _row_security(enabled: bool) -> Command:
    def change(catalog: Catalog, table: QualifiedName, command: Node) -> None:
        catalog.change(table, row_security=enabled)
        catalog.remember("row security", table)

    return change


def _owner(catalog: Catalog, table: QualifiedName, command: Node) -> None:
    catalog.change(table, owner=command.get("newowner", {}).get("rolename", ""))


def _tablespace(catalog: Catalog, table: QualifiedName, command: Node) -> None:
    catalog.change(table, tablespace=command.get("name", ""))


def _cluster_on(catalog: Catalog, table: QualifiedName, command: Node) -> None:
    mark_clustered(catalog, table, command.get("name", ""))


def mark_clustered(catalog: Catalog, table: QualifiedName, index: str) -> None:
    """Note the index that CLUSTER goes by from now on; an empty name takes the mark away."""
    marked = tuple(replace(i, clustered=i.name.name == index) for i in catalog.known(table).indexes)
    catalog.change(table, indexes=marked)


def _access_method(catalog: Catalog, table: QualifiedName, command: Node) -> None:
    catalog.change(table, access_method=command.get("name", "heap"))


def _trigger_switch(enabled: bool, every: bool) -> Command:
    def change(catalog: Catalog, table: QualifiedName, command: Node) -> None:
        relation, name = catalog.known(table), command.get("name", "")
        catalog.change(
            table,
            triggers=tuple(
                replace(t, enabled=enabled) if every or t.name == name else t for t in relation.triggers
            ),
        )

    return change


def _alter_index(catalog: Catalog, schema: str, name: str, tree: Node) -> None:
    """ALTER INDEX … ATTACH PARTITION is the only command that changes what the catalog knows."""
    parent = catalog.index(schema, name)
    for item in tree.get("cmds", ()):
        command = item["AlterTableCmd"]
        if command.get("subtype") != "AT_AttachPartition" or parent is None:
            continue
        child = catalog.index(*names.range_var(command["def"]["PartitionCmd"]["name"]))
        if child is not None:
            relation = catalog.known(child.table)
            attached = replace(child, parent=parent.name)
            catalog.change(
                relation.name, indexes=tuple(attached if i is child else i for i in relation.indexes)
            )


COMMANDS: dict[str, Command] = {
    "AT_DropColumn": _drop_column,
    "AT_ColumnDefault": _set_default,
    "AT_SetNotNull": _set_not_null,
    "AT_DropNotNull": _drop_not_null,
    "AT_AlterColumnType": _alter_type,
    "AT_AddIdentity": _add_identity,
    "AT_DropIdentity": _drop_identity,
    "AT_DropExpression": _drop_expression,
    "AT_SetStorage": _set_storage,
    "AT_DropConstraint": _drop_constraint,
    "AT_ValidateConstraint": _validate,
    "AT_AttachPartition": _attach,
    "AT_DetachPartition": _detach,
    "AT_AddOf": _of_type,
    "AT_DropOf": _of_type,
    "AT_AddInherit": _inherit,
    "AT_DropInherit": _no_inherit,
    "AT_SetRelOptions": _set_options,
    "AT_ResetRelOptions": _reset_options,
    "AT_EnableRowSecurity": _row_security(enabled=True),
    "AT_DisableRowSecurity": _row_security(enabled=False),
    "AT_ForceRowSecurity": _flag(force_row_security=True),
    "AT_NoForceRowSecurity": _flag(force_row_security=False),
    "AT_SetLogged": _flag(persistence="permanent"),
    "AT_SetUnLogged": _flag(persistence="unlogged"),
    "AT_ChangeOwner": _owner,
    "AT_SetTableSpace": _tablespace,
    "AT_ClusterOn": _cluster_on,
    "AT_DropCluster": _cluster_on,
    "AT_SetAccessMethod": _access_method,
    "AT_EnableTrig": _trigger_switch(enabled=True, every=False),
    "AT_DisableTrig": _trigger_switch(enabled=False, every=False),
    "AT_EnableTrigAll": _trigger_switch(enabled=True, every=True),
    "AT_DisableTrigAll": _trigger_switch(enabled=False, every=True),
    "AT_EnableTrigUser": _trigger_switch(enabled=True, every=True),
    "AT_DisableTrigUser": _trigger_switch(enabled=False, every=True),
}

_ADDING: dict[str, Adding] = {"AT_AddColumn": _add_column, "AT_AddConstraint": _add_constraint}

_RECURSIVE = frozenset(
    {
        "AT_DropColumn",
        "AT_ColumnDefault",
        "AT_SetNotNull",
        "AT_DropNotNull",
        "AT_AlterColumnType",
        "AT_DropConstraint",
        "AT_ValidateConstraint",
        "AT_SetStorage",
        "AT_AddIdentity",
        "AT_DropIdentity",
        "AT_DropExpression",
    }
)
