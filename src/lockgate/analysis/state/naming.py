"""The names that the server makes up for what is made without one, by what is there already."""

from __future__ import annotations

import itertools
from collections.abc import Callable

from lockgate.analysis.state import names
from lockgate.analysis.state.catalog import Catalog
from lockgate.analysis.state.columns import referenced_columns
from lockgate.analysis.view import Constraint, Index, IndexKey, Relation
from lockgate.sql.identifiers import QualifiedName
from lockgate.sql.parse import Node

Taken = Callable[[str, str], bool]

_LABELS = {
    "primary key": "pkey",
    "unique": "key",
    "check": "check",
    "foreign key": "fkey",
    "exclude": "excl",
    "not null": "not_null",
}
KEYS = ("primary key", "unique", "exclude")
"""The kinds of constraints that have an index behind them."""


def constraint_name(
    catalog: Catalog, relation: Relation, constraint: Constraint, columns: tuple[str, ...] | None = None
) -> str:
    """The name of a constraint of a table.

    ``columns`` are those of the index behind a key, where they are other ones than the constraint's (INCLUDE).
    """
    if constraint.name:
        return constraint.name
    taken = catalog.is_taken_for_key if constraint.kind in KEYS else catalog.is_constraint
    middle = "_".join(constraint.columns if columns is None else columns)
    if constraint.kind == "primary key":
        middle = ""
    elif constraint.kind == "check":
        found = referenced_columns(constraint.expression)
        middle = found[0] if len(found) == 1 else ""
    return _unused(relation.name, middle, _LABELS[constraint.kind], taken)


def index_name(
    catalog: Catalog,
    table: QualifiedName,
    index_keys: tuple[IndexKey, ...],
    included: tuple[str, ...] = (),
) -> str:
    """The name of an index that is made on a table."""
    return _unused(table, "_".join(labels(index_keys, included)), "idx", catalog.is_relation)


def copied_name(catalog: Catalog, table: QualifiedName, index: Index) -> str:
    """The name of an index, and of the constraint before it, that comes to a table from another one."""
    if not index.constraint:
        return _unused(table, "_".join(labels_of(index)), "idx", catalog.is_relation)
    middle = "" if index.primary else "_".join(labels_of(index))
    label = "pkey" if index.primary else "key" if index.unique else "excl"
    return _unused(table, middle, label, catalog.is_taken_for_key)


def sequence_name(catalog: Catalog, table: QualifiedName, column: str) -> str:
    """The name of the sequence behind an identity or a serial column."""
    return _unused(table, column, "seq", catalog.is_relation)


def labels_of(index: Index) -> tuple[str, ...]:
    """The columns of an index as it calls them, which stay when those of its table get other names."""
    return index.labels or labels(index.keys, index.include)


def labels(index_keys: tuple[IndexKey, ...], included: tuple[str, ...] = ()) -> tuple[str, ...]:
    """What a new index calls its columns (``ChooseIndexColumnNames``)."""
    found: dict[str, None] = {}
    for name in (*(key.column or _expression_name(key.expression) for key in index_keys), *included):
        unused = (f"{name}{number or ''}" for number in itertools.count())
        found[next(candidate for candidate in unused if candidate not in found)] = None
    return tuple(found)


def _unused(table: QualifiedName, middle: str, label: str, taken: Taken) -> str:
    numbered = itertools.chain([label], (f"{label}{number}" for number in itertools.count(1)))
    candidates = (names.generated_name(table.name, middle, suffix) for suffix in numbered)
    return next(name for name in candidates if not taken(table.schema, name))


def _expression_name(expression: Node | None) -> str:
    """What an expression is called (``FigureIndexColname``): by a function, a column or a type in it."""
    while expression and not expression.keys().isdisjoint(("CollateClause", "TypeCast")):
        ((kind, inside),) = expression.items()
        if kind == "TypeCast" and _expression_name(inside["arg"]) == "expr":
            return names.dotted(inside["typeName"]["names"])[1]
        expression = inside["arg"]
    for kind, inside in (expression or {}).items():
        if kind == "FuncCall":
            return names.dotted(inside["funcname"])[1]
        if kind == "ColumnRef":
            return names.dotted(inside["fields"])[1]
        return _NAMED.get(inside.get("op") or inside.get("kind") or kind, _NAMED.get(kind, "expr"))
    return "expr"


_NAMED = {
    "CaseExpr": "case",
    "CoalesceExpr": "coalesce",
    "IS_GREATEST": "greatest",
    "IS_LEAST": "least",
    "AEXPR_NULLIF": "nullif",
}
