"""Column and constraint definitions of CREATE TABLE and ALTER TABLE, read into the catalog's values."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from lockgate.analysis.state import names
from lockgate.analysis.view import Column, Constraint, ConstraintKind, Generated, TypeRef
from lockgate.sql.identifiers import QualifiedName
from lockgate.sql.parse import Node, walk
from lockgate.values import replace, value

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


@value(frozen=True, slots=True)
class ConstraintSpec:
    """A constraint as written: an unnamed one has an empty name, ``using_index`` is the name after USING INDEX."""

    constraint: Constraint
    node: Node
    using_index: str = ""
    include: tuple[str, ...] = ()
    exclusions: tuple[Node, ...] = ()
    method: str = "btree"
    predicate: Node | None = None

    @property
    def kind(self) -> ConstraintKind:
        """What kind of constraint it is."""
        return self.constraint.kind

    @property
    def not_valid(self) -> bool:
        """Whether it says NOT VALID (or NOT ENFORCED), so that old rows are not looked at."""
        return not self.constraint.valid


@value(frozen=True, slots=True)
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


def referenced_columns(expression: Node | None) -> tuple[str, ...]:
    """The column names in an expression, each once, in order."""
    found: dict[str, None] = {}
    for kind, inside in walk(expression):
        if kind == "ColumnRef":
            last = inside["fields"][-1]
            if "String" in last:
                found[names.text(last)] = None
    return tuple(found)


def read_constraint(node: Node, resolve: Resolve, column: str = "") -> ConstraintSpec | None:
    """Read a ``Constraint`` node; None for a DEFAULT, an attribute and whatever else is no constraint."""
    kind = _KINDS.get(node.get("contype", ""))
    if kind is None:
        return None
    enforced = bool(node.get("is_enforced")) or kind not in ("check", "foreign key")
    constraint = Constraint(
        name=node.get("conname", ""),
        kind=kind,
        columns=_columns(node, kind) or ((column,) if column else ()),
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
        predicate=node.get("where_clause"),
    )


def _columns(node: Node, kind: ConstraintKind) -> tuple[str, ...]:
    """The columns of a constraint; a CHECK belongs to those that it reads, wherever it stands."""
    if kind == "check":
        return referenced_columns(node.get("raw_expr"))
    return _texts(node.get("fk_attrs") if kind == "foreign key" else node.get("keys"))


def read_column(node: Node, resolve: Resolve, resolve_type: Callable[[Node], TypeRef]) -> ColumnSpec:
    """Read a ``ColumnDef`` node with everything that stands inside it."""
    type_node = node.get("typeName")
    serial = type_node is not None and names.is_serial(type_node)
    inline = _Inline(node, resolve)
    not_null = serial or inline.not_null or bool(node.get("is_not_null"))
    column = Column(
        name=node.get("colname", ""),
        type=resolve_type(type_node) if type_node else _NO_TYPE,
        not_null=not_null,
        default=inline.default or node.get("raw_default"),
        generated=inline.generated,
        identity=bool(inline.identity),
        collation=_collation(node),
        storage=node.get("storage_name", ""),
        own_not_null=not_null,
    )
    return ColumnSpec(
        column,
        node,
        tuple(inline.constraints),
        inline.identity,
        serial,
        inline.not_null_name,
        inline.explicit_null,
    )


_NO_TYPE = TypeRef(QualifiedName("", ""))


def _collation(node: Node) -> str:
    clause = node.get("collClause", {}).get("collname")
    return names.dotted(clause)[1] if clause else ""


def _texts(nodes: list[Node] | None) -> tuple[str, ...]:
    return tuple(names.text(node) for node in nodes or ())


class _Inline:
    """What stands inside a column definition, gathered item by item."""

    def __init__(self, node: Node, resolve: Resolve) -> None:
        self.not_null = False
        self.not_null_name = ""
        self.explicit_null = False
        self.default: Node | None = None
        self.identity: Identity = ""
        self.generated: Generated = ""
        self.constraints: list[ConstraintSpec] = []
        for item in node.get("constraints", ()):
            self._take(item["Constraint"], resolve, node.get("colname", ""))

    def _take(self, node: Node, resolve: Resolve, column: str) -> None:
        match node.get("contype", ""):
            case "CONSTR_NOTNULL":
                self.not_null, self.not_null_name = True, node.get("conname", "")
            case "CONSTR_DEFAULT":
                self.default = node.get("raw_expr")
            case "CONSTR_IDENTITY":
                self.identity = "always" if node.get("generated_when") == "a" else "by default"
                self.not_null = True
            case "CONSTR_GENERATED":
                self.generated = "virtual" if node.get("generated_kind") == "v" else "stored"
                self.default = node.get("raw_expr")
            case "CONSTR_NULL":
                self.explicit_null = True
            case kind if kind.startswith("CONSTR_ATTR_"):
                self._take_attribute(kind)
            case _:
                self._take_constraint(read_constraint(node, resolve, column))

    def _take_constraint(self, found: ConstraintSpec | None) -> None:
        if found is not None:
            self.not_null = self.not_null or found.kind == "primary key"
            self.constraints.append(found)

    def _take_attribute(self, kind: str) -> None:
        """DEFERRABLE, NOT ENFORCED and the like stand behind the constraint that they belong to."""
        if not self.constraints:
            return
        last = self.constraints[-1]
        if kind == "CONSTR_ATTR_DEFERRABLE":
            changed = replace(last.constraint, deferrable=True)
        elif kind == "CONSTR_ATTR_NOT_ENFORCED":
            changed = replace(last.constraint, enforced=False, valid=False)
        else:
            return
        self.constraints[-1] = replace(last, constraint=changed)
