"""Column and constraint definitions of CREATE TABLE and ALTER TABLE, read into the catalog's values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from lockgate.analysis.state import names
from lockgate.analysis.view import Column, Constraint, ConstraintKind, Generated, TypeRef
from lockgate.sql.identifiers import QualifiedName
from lockgate.sql.parse import Node

Resolve = Callable[[str, str], QualifiedName]
"""Finds the qualified name of a relation or type that the SQL names by (schema or "", name)."""

Identity = Literal["", "always", "by default"]

_KINDS: dict[str, ConstraintKind] = {
    "CONSTR_PRIMARY": "primary key",
    "CONSTR_UNIQUE": "unique",
    "CONSTR_CHECK": "check",
    "CONSTR_FOREIGN": "foreign key",
    "CONSTR_EXCLUSION": "exclude",
    "CONSTR_NOTNULL": "not null",
}
_ACTIONS = {"a": "", "r": "restrict", "c": "cascade", "n": "set null", "d": "set default"}


@dataclass(frozen=True, slots=True)
class ConstraintSpec:
    """A constraint as written: an unnamed one has an empty name, ``using_index`` is the name after USING INDEX."""

    constraint: Constraint
    node: Node
    using_index: str = ""
    include: tuple[str, ...] = ()
    exclusions: tuple[Node, ...] = ()
    method: str = "btree"

    @property
    def kind(self) -> ConstraintKind:
        """What kind of constraint it is."""
        return self.constraint.kind

    @property
    def not_valid(self) -> bool:
        """Whether it says NOT VALID (or NOT ENFORCED), so that old rows are not looked at."""
        return not self.constraint.valid


@dataclass(frozen=True, slots=True)
class ColumnSpec:
    """A column definition as written; ``constraints`` are those that stand inside it, NOT NULL apart."""

    column: Column
    node: Node
    constraints: tuple[ConstraintSpec, ...] = ()
    identity: Identity = ""
    serial: bool = False
    not_null_name: str = ""
    explicit_null: bool = False

    @property
    def name(self) -> str:
        """The column's name."""
        return self.column.name

    @property
    def has_value(self) -> bool:
        """Whether every old row gets a value by itself: a default, a sequence or a generated expression."""
        column = self.column
        return bool(column.default or column.identity or column.generated or self.serial)

    def constraint(self, kind: ConstraintKind) -> ConstraintSpec | None:
        """The first inline constraint of a kind."""
        return next((spec for spec in self.constraints if spec.kind == kind), None)


def read_constraint(node: Node, resolve: Resolve, column: str = "") -> ConstraintSpec | None:
    """Read a ``Constraint`` node; None for a DEFAULT, an attribute and whatever else is no constraint."""
    kind = _KINDS.get(node.get("contype", ""))
    if kind is None:
        return None
    enforced = bool(node.get("is_enforced")) or kind not in ("check", "foreign key")
    keys = node.get("fk_attrs") if kind == "foreign key" else node.get("keys")
    constraint = Constraint(
        name=node.get("conname", ""),
        kind=kind,
        columns=_texts(keys) or ((column,) if column else ()),
        expression=node.get("raw_expr"),
        valid=enforced and not node.get("skip_validation"),
        enforced=enforced,
        references=resolve(*names.range_var(node["pktable"])) if "pktable" in node else None,
        referenced_columns=_texts(node.get("pk_attrs")),
        on_delete=_ACTIONS.get(node.get("fk_del_action", "a"), ""),
        on_update=_ACTIONS.get(node.get("fk_upd_action", "a"), ""),
        deferrable=bool(node.get("deferrable")),
        no_inherit=bool(node.get("is_no_inherit")),
    )
    return ConstraintSpec(
        constraint,
        node,
        using_index=node.get("indexname", ""),
        include=_texts(node.get("including")),
        exclusions=tuple(node.get("exclusions", ())),
        method=node.get("access_method", "btree"),
    )


def read_column(node: Node, resolve: Resolve, resolve_type: Callable[[Node], TypeRef]) -> ColumnSpec:
    """Read a ``ColumnDef`` node with everything that stands inside it."""
    type_node = node.get("typeName", {})
    serial = bool(type_node) and names.is_serial(type_node)
    name = node.get("colname", "")
    column = Column(
        name=name,
        type=resolve_type(type_node) if type_node else TypeRef(QualifiedName("", "")),
        not_null=serial or bool(node.get("is_not_null")),
        default=node.get("raw_default"),
        collation=_collation(node),
        storage=node.get("storage_name", ""),
    )
    spec = ColumnSpec(column, node, serial=serial)
    for item in node.get("constraints", ()):
        spec = _with_inline(spec, item["Constraint"], resolve)
    return spec


def _collation(node: Node) -> str:
    clause = node.get("collClause", {}).get("collname")
    return names.dotted(clause)[1] if clause else ""


def _texts(nodes: list[Node] | None) -> tuple[str, ...]:
    return tuple(names.text(node) for node in nodes or ())


def _with_inline(spec: ColumnSpec, node: Node, resolve: Resolve) -> ColumnSpec:
    kind = node.get("contype", "")
    column = spec.column
    if kind == "CONSTR_NOTNULL":
        return replace(spec, column=replace(column, not_null=True), not_null_name=node.get("conname", ""))
    if kind == "CONSTR_DEFAULT":
        return replace(spec, column=replace(column, default=node.get("raw_expr")))
    if kind == "CONSTR_IDENTITY":
        identity: Identity = "always" if node.get("generated_when") == "a" else "by default"
        return replace(spec, column=replace(column, identity=True, not_null=True), identity=identity)
    if kind == "CONSTR_GENERATED":
        generated: Generated = "virtual" if node.get("generated_kind") == "v" else "stored"
        return replace(spec, column=replace(column, generated=generated, default=node.get("raw_expr")))
    if kind == "CONSTR_NULL":
        return replace(spec, explicit_null=True)
    if kind.startswith("CONSTR_ATTR_"):
        return _with_attribute(spec, kind)
    found = read_constraint(node, resolve, spec.name)
    if found is None:
        return spec
    primary = found.kind == "primary key"
    column = replace(column, not_null=True) if primary else column
    return replace(spec, column=column, constraints=(*spec.constraints, found))


def _with_attribute(spec: ColumnSpec, kind: str) -> ColumnSpec:
    """DEFERRABLE, NOT ENFORCED and the like stand behind the constraint that they belong to."""
    if not spec.constraints:
        return spec
    *before, last = spec.constraints
    if kind == "CONSTR_ATTR_DEFERRABLE":
        changed = replace(last.constraint, deferrable=True)
    elif kind == "CONSTR_ATTR_NOT_ENFORCED":
        changed = replace(last.constraint, enforced=False, valid=False)
    else:
        return spec
    return replace(spec, constraints=(*before, replace(last, constraint=changed)))
