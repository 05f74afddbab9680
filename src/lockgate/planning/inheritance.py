"""Tables that others inherit from: a backfill walks each alone, because keys are unique in each of them only."""

from __future__ import annotations

from lockgate.analysis.state.catalog import Catalog
from lockgate.analysis.state.names import range_var
from lockgate.analysis.view import Relation
from lockgate.sql.identifiers import QualifiedName
from lockgate.sql.parse import Statement, deparse


def heirs(table: Relation, state: Catalog) -> tuple[QualifiedName, ...]:
    """The tables that inherit from a plain one, however deep; a partitioned table has partitions instead."""
    return tuple(state.descendants(table.name)) if table.kind == "table" else ()


def in_each_table(statement: Statement, state: Catalog) -> tuple[str, ...]:
    """An UPDATE or DELETE, once for each table that it reaches, with ONLY; as it was written where it is one table."""
    relation = statement.tree.get("relation", {})
    table = state.relation(*range_var(relation)) if relation.get("inh") else None
    below = heirs(table, state) if table is not None else ()
    if table is None or not below:
        return (statement.sql,)
    alias = relation.get("alias") or {"aliasname": table.name.name}
    return tuple(
        deparse({statement.kind: {**statement.tree, "relation": _only(name, relation, alias)}})
        for name in (table.name, *below)
    )


def _only(name: QualifiedName, relation: dict[str, object], alias: object) -> dict[str, object]:
    return {**relation, "schemaname": name.schema, "relname": name.name, "inh": False, "alias": alias}
