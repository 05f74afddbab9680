"""A value in another type as the server would assign it to a column, in an expression.

A cast that is written out cuts a text which is too long; the change of a column's type, like every assignment, refuses
it. The functions behind the lengths of types take a third argument which says which of the two is wanted.
"""

from __future__ import annotations

from typing import Final

from lockgate.analysis.state.names import PG_CATALOG, type_sql
from lockgate.analysis.view import TypeRef

_LENGTHS: Final = {
    # The name of the type: how it is written without a length, and what its modifier adds to the length.
    "varchar": ("character varying", 4),
    "bpchar": ("bpchar", 4),
    "bit": ("", 0),
    "varbit": ("bit varying", 0),
}


def is_cut_by_a_cast(source: TypeRef, target: TypeRef) -> bool:
    """Whether a cast may cut the elements of an array, for which the server has no other function."""
    limited = target.name.schema == PG_CATALOG and target.name.name in _LENGTHS and bool(target.modifiers)
    wider = source.name == target.name and () < source.modifiers <= target.modifiers
    return target.array and limited and not wider


def assigned(source: TypeRef, target: TypeRef) -> str:
    """``{value}``, which is of one type, in the other: an expression that has exactly that type."""
    name = target.name.name
    if target.name.schema != PG_CATALOG or target.array or not target.modifiers or name not in _LENGTHS:
        return f"{{value}}::{type_sql(target)}"
    plain, added = _LENGTHS[name]
    value = "{value}" if source.name == target.name and not source.array else f"{{value}}::{plain or name}"
    return f'{PG_CATALOG}."{name}"({value}, {target.modifiers[0] + added}, false)'
