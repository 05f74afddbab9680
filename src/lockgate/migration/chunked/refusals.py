"""Statements whose chunks would not add up to the whole, each with the reason.

A new reason is a function and a line in :data:`REFUSALS`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from lockgate.migration.chunked.statement import DataStatement, column_refs, refname, tables
from lockgate.sql.parse import Node, walk

COMMON_AGGREGATES: Final = frozenset(
    {
        *(
            "array_agg",
            "avg",
            "bit_and",
            "bit_or",
            "bool_and",
            "bool_or",
            "count",
            "every",
            "max",
            "min",
            "sum",
        ),
        *("json_agg", "json_object_agg", "jsonb_agg", "jsonb_object_agg", "string_agg", "mode"),
        *("percentile_cont", "percentile_disc", "row_number", "rank", "dense_rank", "lag", "lead", "ntile"),
    }
)


SameTable = Callable[[Node, Node], bool]


@dataclass(frozen=True, slots=True)
class Subquery:
    """A query within the statement: where it stands, whether it is a NOT EXISTS, and its tree."""

    place: str
    not_exists: bool
    tree: Node


@dataclass(frozen=True, slots=True)
class _Case:
    statement: DataStatement
    aggregates: frozenset[str]
    subqueries: tuple[Subquery, ...]
    same_table: SameTable

    def computes_over_many(self, tree: Node) -> bool:
        return bool(_shape(tree)) or _has_aggregate(tree, self.aggregates)

    def correlated(self, tree: Node) -> bool:
        outer = {refname(self.statement.target), *(refname(t) for t in tables(self.statement.sources))}
        inner = {refname(t) for t in tables(tree)}
        return any(qualifier in outer - inner for qualifier, _ in column_refs(tree))

    def reads_target(self, tree: Any) -> bool:
        return any(self.same_table(table, self.statement.target) for table in tables(tree))


def same_name(one: Node, other: Node) -> bool:
    """Whether two tables may be the same one, by name alone: a missing schema may be any."""
    schemas = {one.get("schemaname"), other.get("schemaname")} - {None}
    return bool(one["relname"] == other["relname"]) and len(schemas) < 2


def reason_against(
    statement: DataStatement,
    aggregates: frozenset[str] = COMMON_AGGREGATES,
    same_table: SameTable = same_name,
) -> str | None:
    """Why chunks of the statement would not give what the whole would; None when they do.

    ``aggregates`` are the names of aggregate and window functions of the database, ``same_table`` tells whether two
    names (as RangeVars) mean one table.
    """
    case = _Case(statement, aggregates, tuple(subqueries(statement.tree)), same_table)
    return next((reason for refusal in REFUSALS if (reason := refusal(case))), None)


def subqueries(tree: Any, place: str = "top", negated: bool = False) -> Iterator[Subquery]:
    """Every query within a tree, from the outside in."""
    if isinstance(tree, list):
        for item in tree:
            yield from subqueries(item, place, negated)
    elif isinstance(tree, dict):
        for kind, inside in tree.items():
            yield from _subqueries_in(kind, inside, place, negated)


def _subqueries_in(kind: str, inside: Any, place: str, negated: bool) -> Iterator[Subquery]:
    if kind in _PLACES:
        place = _PLACES[kind]
    if kind == "BoolExpr":
        negated = inside.get("boolop") == "NOT_EXPR"
    elif kind == "SelectStmt":
        yield Subquery(place, negated and place == "exists", inside)
        negated = False
    elif kind == "SubLink":
        place = "exists" if inside.get("subLinkType") == "EXISTS_SUBLINK" else "expression"
    yield from subqueries(inside, place, negated)


_PLACES = {"CommonTableExpr": "with", "RangeSubselect": "from"}


def _no_returning(case: _Case) -> str | None:
    if case.statement.tree.get("returningList") or case.statement.tree.get("returningClause"):
        return "RETURNING gives back rows of the whole statement, and nobody would be there to take those of the chunks"
    return None


def _no_cursor_position(case: _Case) -> str | None:
    if any(kind == "CurrentOfExpr" for kind, _ in walk(case.statement.tree)):
        return "WHERE CURRENT OF needs the cursor of another session"
    return None


def _no_writing_with(case: _Case) -> str | None:
    writers = ("InsertStmt", "UpdateStmt", "DeleteStmt", "MergeStmt")
    queries = [i["ctequery"] for kind, i in walk(case.statement.tree) if kind == "CommonTableExpr"]
    if any(writer in query for query in queries for writer in writers):
        return "its WITH part changes rows too, and would do so again for every chunk"
    return None


def _something_to_walk(case: _Case) -> str | None:
    if case.statement.kind != "insert":
        return None
    if not case.statement.select or case.statement.select.get("valuesLists"):
        return "it inserts given values; there is no table to walk"
    named = {i["ctename"] for kind, i in walk(case.statement.tree) if kind == "CommonTableExpr"}
    walked = case.statement.walked
    if walked is None:
        return "its SELECT has no table that leads it and could be cut (it has a FULL JOIN, a function or a sub-select)"
    if walked["relname"] in named and "schemaname" not in walked:
        return f"its SELECT is led by {walked['relname']}, which is no table but a part of its WITH"
    return None


def _rows_stand_alone(case: _Case) -> str | None:
    if case.statement.kind != "insert":
        return None
    select = case.statement.select
    shape = _shape(select)
    if shape:
        return f"its SELECT has {shape}, which is about all rows at once and not about each chunk"
    if _has_aggregate(_without_subqueries(select), case.aggregates):
        return (
            "its SELECT has an aggregate or window function, which would be computed for each chunk by itself"
        )
    return None


def _not_into_itself(case: _Case) -> str | None:
    if case.statement.kind != "insert":
        return None
    top = case.statement.select.get("fromClause", [])
    if case.reads_target([item for item in top if "RangeSubselect" not in item]):
        return "it reads the table that it writes, so that later chunks would find the rows of earlier ones"
    for subquery in case.subqueries:
        if (
            subquery.place != "top"
            and case.reads_target(_own_from(subquery.tree))
            and not subquery.not_exists
        ):
            return "a sub-select reads the table that it writes; only NOT EXISTS may do that"
    return None


def _no_limits(case: _Case) -> str | None:
    for subquery in case.subqueries:
        limited = "limitCount" in subquery.tree or "limitOffset" in subquery.tree
        if limited and subquery.place != "top" and not case.correlated(subquery.tree):
            return (
                "a sub-select has a LIMIT and does not name the row's table: each chunk could get other rows"
            )
    return None


def _delete_without_looking_back(case: _Case) -> str | None:
    if case.statement.kind != "delete":
        return None
    if case.reads_target(
        [case.statement.sources, case.statement.where, case.statement.tree.get("withClause")]
    ):
        return "it decides by other rows of the same table, of which earlier chunks have already deleted some"
    return None


def _update_without_looking_back(case: _Case) -> str | None:
    if case.statement.kind != "update":
        return None
    for subquery in case.subqueries:
        if not case.reads_target(_own_from(subquery.tree)):
            continue
        if _uses(case.statement, subquery.tree):
            return "a sub-select reads the columns that it sets, of which earlier chunks have already changed some"
        if case.computes_over_many(subquery.tree) and not case.correlated(subquery.tree):
            return "a sub-select computes something over the whole table, which would be another thing for each chunk"
    return _self_join_reads(case)


def _self_join_reads(case: _Case) -> str | None:
    statement = case.statement
    own = refname(statement.target)
    others = {
        refname(table)
        for item in statement.sources
        for table in tables(item)
        if case.reads_target([{"RangeVar": table}])
    } - {own}
    parts = [statement.tree["targetList"], statement.where]
    if any(
        qualifier in others and column in {*statement.set_columns, "*"}
        for qualifier, column in column_refs(parts)
    ):
        return "it reads the columns that it sets from other rows, of which earlier chunks have already changed some"
    return None


REFUSALS: Final[tuple[Callable[[_Case], str | None], ...]] = (
    _no_returning,
    _no_cursor_position,
    _no_writing_with,
    _rows_stand_alone,
    _something_to_walk,
    _not_into_itself,
    _no_limits,
    _delete_without_looking_back,
    _update_without_looking_back,
)


def _shape(select: Node) -> str | None:
    shapes = (
        ("groupClause", "GROUP BY"),
        ("havingClause", "HAVING"),
        ("distinctClause", "DISTINCT"),
        ("windowClause", "WINDOW"),
        ("limitCount", "LIMIT"),
        ("limitOffset", "OFFSET"),
    )
    found = next((name for field, name in shapes if field in select), None)
    if found is None and select.get("op", "SETOP_NONE") != "SETOP_NONE":
        return str(select["op"]).removeprefix("SETOP_")
    if found is None and any("RangeTableSample" in item for item in select.get("fromClause", [])):
        return "TABLESAMPLE"
    return found


def _has_aggregate(tree: Any, names: frozenset[str]) -> bool:
    marks = {"agg_star", "agg_order", "agg_filter", "agg_distinct", "agg_within_group", "over"}
    return any(
        marks & set(inside) or inside["funcname"][-1]["String"]["sval"] in names
        for kind, inside in walk(tree)
        if kind == "FuncCall"
    )


def _without_subqueries(tree: Any) -> Any:
    if isinstance(tree, list):
        return [_without_subqueries(item) for item in tree]
    if isinstance(tree, dict):
        hidden = ("SubLink", "RangeSubselect", "withClause")
        return {key: _without_subqueries(value) for key, value in tree.items() if key not in hidden}
    return tree


def _own_from(select: Node) -> list[Node]:
    return [item for item in select.get("fromClause", []) if "RangeSubselect" not in item]


def _uses(statement: DataStatement, tree: Node) -> bool:
    own = refname(statement.target)
    shadowed = own in {refname(table) for table in tables(tree)}
    return any(
        column in {*statement.set_columns, "*"} and (qualifier != own or shadowed)
        for qualifier, column in column_refs(tree)
    )
