"""What an API that speaks for anonymous and signed-in users can reach: schemas, grants, and what caused it."""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import Context
from lockgate.analysis.state.catalog import Birth
from lockgate.analysis.state.privileges import Grants
from lockgate.analysis.view import Function, Relation, RelationKind
from lockgate.sql.identifiers import QualifiedName

API_ROLES = ("anon", "authenticated")
"""The roles that the API of a Supabase project, or PostgREST, takes for its callers."""

_ROWS = ("select", "insert", "update", "delete")


def api_roles(
    context: Context, relation: Relation | QualifiedName, *privileges: str, kind: str = "table"
) -> tuple[str, ...]:
    """The API's roles that hold one of some rights on a relation or function (any on its rows when none is named).

    On a server whose default privileges are not known everything is theirs that no REVOKE has taken from them.
    """
    name = relation.name if isinstance(relation, Relation) else relation
    rights = context.state.privileges
    grants = rights.on_function(name) if kind == "function" else rights.on_relation(name)
    found = tuple(role for role in API_ROLES if _may(context, grants, role, privileges or _ROWS))
    if found or context.options.platform == "supabase" or context.state.birth("revoke", kind, name):
        return found
    return API_ROLES


def _may(context: Context, grants: Grants, role: str, privileges: tuple[str, ...]) -> bool:
    return any(context.state.privileges.may(grants, role, privilege) for privilege in privileges)


def exposed_relations(
    context: Context, *kinds: RelationKind, privileges: tuple[str, ...] = ("select",)
) -> Iterator[Relation]:
    """The relations of some kinds in a schema of the API, on which its roles hold one of some rights."""
    for relation in context.state.relations():
        if relation.kind not in kinds or relation.persistence == "temporary" or relation.partial:
            continue
        if relation.name.schema in context.options.exposed_schemas and api_roles(
            context, relation, *privileges
        ):
            yield relation


def routines(context: Context) -> Iterator[tuple[Function, Birth]]:
    """The functions and procedures that the checked files made or changed last, each with the place."""
    for function in context.state.all_functions():
        birth = newest(context, ("routine", function.name, function.argument_types))
        if birth is not None:
            yield function, birth


def newest(context: Context, *keys: tuple[object, ...]) -> Birth | None:
    """The last of some events, when it was in a checked file: nothing else caused what the end state shows."""
    births = [birth for key in keys if (birth := context.state.birth(*key)) is not None]
    last = max(births, key=lambda birth: (birth.unit, birth.statement), default=None)
    return last if last is not None and last.unit >= context.first else None


def exposure(context: Context, relation: Relation) -> Birth | None:
    """What brought a relation within reach of the API as it is: its making, a move, a grant, its row security."""
    name = relation.name
    return newest(
        context, ("relation", name), ("moved", name), ("row security", name), ("grant", "table", name)
    )


def reads_transitively(context: Context, relation: Relation) -> Iterator[QualifiedName]:
    """What a view reads, through other views too."""
    seen: set[QualifiedName] = set()
    pending = list(relation.reads)
    while pending:
        name = pending.pop()
        if name not in seen:
            seen.add(name)
            yield name
            pending += context.state.known(name).reads
