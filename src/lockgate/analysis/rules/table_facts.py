"""Tables: who depends on one."""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import Context
from lockgate.analysis.state import names
from lockgate.analysis.state.security import roles
from lockgate.sql.identifiers import QualifiedName
from lockgate.sql.parse import Node

_RELATIONS = frozenset({"TABLE", "VIEW", "MATVIEW", "FOREIGN_TABLE", "SEQUENCE"})


def dropped_names(tree: Node, context: Context) -> Iterator[tuple[str, QualifiedName | None]]:
    """What a DROP, or a DROP command of ALTER TABLE, names: in words, and resolved where it is a relation."""
    if "roles" in tree:
        yield f"everything that {', '.join(roles(tree['roles']))} owns", None
        return
    if "removeType" not in tree:
        kind = "column" if tree.get("subtype") == "AT_DropColumn" else "constraint"
        yield f"the {kind} {tree.get('name', '')} of {context.target.name}", None
        return
    kind = str(tree["removeType"]).removeprefix("OBJECT_")
    words = {"MATVIEW": "materialized view"}.get(kind, kind.lower().replace("_", " "))
    for item in tree.get("objects", ()):
        schema, name = names.object_name(item)
        relation = context.state.relation_name(schema, name) if kind in _RELATIONS else None
        yield f"the {words} {name}", relation


def dependents(name: QualifiedName, context: Context) -> list[str]:
    """The views, foreign keys and partitions that CASCADE takes with a relation, as far as the history tells."""
    views = [f"{view}" for view in context.state.readers(name)]
    keys = [f"{key.name} of {table}" for table, key in context.state.referencing(name) if table != name]
    children = [str(child) for child in context.state.children(name)]
    return [*views, *keys, *children]


def referencing_tables(tables: list[QualifiedName], context: Context) -> list[QualifiedName]:
    """The tables whose foreign keys lead to some tables, directly or through others."""
    found: dict[QualifiedName, None] = {}
    queue = list(tables)
    while queue:
        for table, _ in context.state.referencing(queue.pop()):
            if table not in found and table not in tables:
                found[table] = None
                queue.append(table)
    return list(found)
