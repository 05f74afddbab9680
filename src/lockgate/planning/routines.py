"""Which function a statement means, in the schema as the server has it."""

from __future__ import annotations

from lockgate.analysis.state.catalog import Catalog
from lockgate.analysis.state.names import type_sql
from lockgate.analysis.state.routines import signature_types
from lockgate.catalog.model import Routine
from lockgate.catalog.snapshot import Snapshot
from lockgate.planning.replacing import way, without
from lockgate.sql.identifiers import QualifiedName
from lockgate.sql.parse import Node


def routine_of(snapshot: Snapshot, state: Catalog, name: QualifiedName, signature: Node) -> Routine | None:
    """The one routine that an ``ObjectWithArgs`` means, or None."""
    routines = snapshot.routines(name)
    types = signature_types(state, signature)
    if types is None:
        return routines[0] if len(routines) == 1 else None
    wanted = ", ".join(map(type_sql, types))
    return next((one for one in routines if one.address.part == wanted), None)


def rights_of(snapshot: Snapshot, routine: Routine) -> tuple[str, ...]:
    """The statements that give a routine which was just made the privileges, the comment and the owner that it has."""
    made = way(without(snapshot, routine.address), snapshot)
    return tuple(sql for sql in made if sql != routine.definition and not sql.startswith("SET LOCAL"))


def inputs(tree: Node) -> list[Node]:
    """The parameters of a CREATE FUNCTION that a caller gives."""
    found = [item["FunctionParameter"] for item in tree.get("parameters", ())]
    return [item for item in found if item.get("mode") not in ("FUNC_PARAM_OUT", "FUNC_PARAM_TABLE")]


def types_of(tree: Node, state: Catalog) -> str:
    """The argument types of a CREATE FUNCTION, as an address has them."""
    return ", ".join(type_sql(state.resolve_type(item["argType"])) for item in inputs(tree))
