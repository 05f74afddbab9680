"""Names inside statements, as the schema knows them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lockgate.catalog.address import Kind
from lockgate.catalog.model import Table
from lockgate.catalog.snapshot import Snapshot
from lockgate.sql.identifiers import QualifiedName
from lockgate.sql.parse import Node, deparse, deparse_expression


@dataclass(frozen=True, slots=True)
class Place:
    """Where a statement runs: the schema that it finds, and where names without a schema are looked up."""

    snapshot: Snapshot
    search_path: tuple[str, ...] = ("public",)

    def relation(self, range_var: Node) -> QualifiedName:
        """The full name of a relation in a statement."""
        name = QualifiedName(range_var.get("schemaname", ""), range_var["relname"])
        return self.snapshot.resolve(name, self.search_path)

    def table(self, range_var: Node) -> Table | None:
        """The table that a statement names, or None where it is a view or not there yet."""
        return self.snapshot.tables.get(self.relation(range_var))

    def routines(self, name: list[Node]) -> Iterator[QualifiedName]:
        """The user's own routines that a call may mean."""
        words = [item["String"]["sval"] for item in name]
        schemas = (words[-2],) if len(words) > 1 else self.search_path
        for schema in schemas:
            found = QualifiedName(schema, words[-1])
            if self.snapshot.routines(found):
                yield found


def base_tables(snapshot: Snapshot, name: QualifiedName) -> tuple[QualifiedName, ...]:
    """The tables behind a view, however deep; the name itself where it is a table."""
    if name in snapshot.tables:
        return (name,)
    relation = snapshot.relations.get(name)
    if relation is None:
        return ()
    needed = {one.qualified for one in snapshot.depends.get(relation.address, ()) if _is_relation(one.kind)}
    found = {base for one in needed - {name} for base in base_tables(snapshot, one)}
    return tuple(sorted(found))


def _is_relation(kind: Kind) -> bool:
    return kind in (Kind.TABLE, Kind.VIEW, Kind.MATERIALIZED_VIEW, Kind.COLUMN)


def alias_of(range_var: Node) -> str:
    """What a statement calls a relation."""
    alias: str = range_var.get("alias", {}).get("aliasname", range_var["relname"])
    return alias


def condition(where: Node | None, joined: list[Node], with_clause: Node | None) -> str | None:
    """WHERE as one expression; with what is joined by FROM or USING it becomes EXISTS."""
    if where is None and not joined:
        return None
    if where is not None and not joined and with_clause is None:
        return deparse_expression(where)
    select: Node = {
        "targetList": [{"ResTarget": {"val": {"A_Const": {"ival": {"ival": 1}}}}}],
        "limitOption": "LIMIT_OPTION_DEFAULT",
        "op": "SETOP_NONE",
    }
    if joined:
        select["fromClause"] = joined
    if where is not None:
        select["whereClause"] = where
    if with_clause is not None:
        select["withClause"] = with_clause
    return f"EXISTS ({deparse({'SelectStmt': select})})"
