"""Whether a row that is done can be told from one that is not, and the queries that count what is left.

A statement *converges* when running it again on a row that is done changes nothing: because the row does not match its
WHERE any more, or because the new values are already there. Then rows may be met twice, the remainder can be swept up
and its emptiness is the proof at the end. Everything else (``n = n + 1``) must meet each row exactly *once*, by key.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Any, Final

from lockgate.chunks.job import Mode
from lockgate.chunks.table import Table
from lockgate.migration.chunked.refusals import subqueries
from lockgate.migration.chunked.statement import (
    DataStatement,
    column_refs,
    conjunction,
    function_names,
    refname,
    tables,
)
from lockgate.sql.identifiers import quote
from lockgate.sql.parse import Node, deparse, parse_expression, walk

TIME_BOUND: Final = frozenset(
    {
        *("now", "transaction_timestamp", "statement_timestamp", "clock_timestamp", "timeofday", "age"),
        *("txid_current", "pg_current_xact_id"),
    }
)
"""Functions that the server calls stable, but whose result is another one in the next chunk."""


@dataclass(frozen=True, slots=True)
class Convergence:
    """How a statement can be proved: ``extra`` narrows each chunk to rows whose values are not there yet.

    ``remaining_sql`` counts the rows that are to be done, ``unfixable_sql`` those of them that would still be to be
    done after the statement, ``must_check`` says that the mode holds only if there are none of these now.
    """

    mode: Mode
    reason: str
    extra: Node | None = None
    remaining_sql: str | None = None
    unfixable_sql: str | None = None
    must_check: bool = False


def classify(statement: DataStatement, target: Table, volatile: frozenset[str]) -> Convergence:
    """Find out how the end of a statement can be proved; ``volatile`` are the names of its volatile functions."""
    moody = volatile | TIME_BOUND
    if _moody(statement.where, moody):
        return Convergence("once", "its WHERE gives another answer each time")
    if statement.kind == "insert":
        return _insert(statement, target)
    if statement.kind == "delete":
        return Convergence(
            "converges", "a deleted row is gone", remaining_sql=count_query(statement, statement.where)
        )
    return _update(statement, target, moody)


def differing_query(statement: DataStatement, target: Table, volatile: frozenset[str]) -> str | None:
    """Counts the rows whose columns are not what the UPDATE's expressions give now, whatever its WHERE says.

    None where that cannot be said: the values depend on what is set, or are new each time.
    """
    if statement.kind != "update" or _moody(statement.tree["targetList"], volatile | TIME_BOUND):
        return None
    values = _assignments(statement)
    if None in values.values() or any(_mentions(statement, value) for value in values.values()):
        return None
    return count_query(statement, _differs(statement, target, values))


def count_query(
    statement: DataStatement, where: Node | None, what: str = "count(*)", also: Node | None = None
) -> str:
    """A query about the rows of the target that meet a condition (and ``also``); joined rows count once."""
    relation = {key: value for key, value in statement.target.items() if key != "location"}
    condition = conjunction(_joined(statement, where) if statement.sources else where, also)
    query = _select([{"ResTarget": {"val": parse_expression(what)}}], [{"RangeVar": relation}], condition)
    if "withClause" in statement.tree:
        query["SelectStmt"]["withClause"] = statement.tree["withClause"]
    return deparse(query)


def _count_pending(statement: DataStatement, pending: Node) -> str:
    """Counts what is to be done. Where several joined rows match, any of their values will do."""
    if not statement.sources:
        return count_query(statement, conjunction(statement.where, pending))
    done = _joined(statement, conjunction(statement.where, _not(pending)))
    return count_query(statement, statement.where, also=_not(done))


def _joined(statement: DataStatement, condition: Node | None) -> Node:
    subselect = _select([], statement.sources, condition)
    return {"SubLink": {"subLinkType": "EXISTS_SUBLINK", "subselect": subselect}}


def _not(condition: Node) -> Node:
    return {"BoolExpr": {"boolop": "NOT_EXPR", "args": [condition]}}


def _update(statement: DataStatement, target: Table, moody: frozenset[str]) -> Convergence:
    values = _assignments(statement)
    refers_to_itself = any(_mentions(statement, value) for value in values.values() if value)
    changes_each_time = _moody(statement.tree["targetList"], moody) or None in values.values()
    if statement.where is not None and _mentions(statement, statement.where):
        return _by_where(statement, target, values, refers_to_itself, changes_each_time)
    if refers_to_itself or changes_each_time:
        why = "the new values depend on the old ones" if refers_to_itself else "the values are new each time"
        return Convergence("once", f"{why}, and no WHERE tells which rows are done")
    extra = _differs(statement, target, values)
    return Convergence(
        "converges",
        "rows that already have the new values are left alone",
        extra=extra,
        remaining_sql=_count_pending(statement, extra),
    )


def _by_where(
    statement: DataStatement,
    target: Table,
    values: dict[str, Node | None],
    refers_to_itself: bool,
    changes_each_time: bool,
) -> Convergence:
    after = None if changes_each_time else _after(statement, target, values)
    if after is not None and not refers_to_itself:
        return _by_where_and_values(statement, target, values, after)
    unfixable = count_query(statement, conjunction(statement.where, after)) if after else None
    if refers_to_itself and unfixable is None:
        return Convergence("once", "the new values depend on the old ones")
    return Convergence(
        "converges",
        "a row that is done does not match the WHERE any more",
        remaining_sql=count_query(statement, statement.where),
        unfixable_sql=unfixable,
        must_check=refers_to_itself,
    )


def _by_where_and_values(
    statement: DataStatement, target: Table, values: dict[str, Node | None], after: Node
) -> Convergence:
    """A row that has its new values is done even if it still matches the WHERE, unless a new value is NULL.

    ``SET full_name = first_name || ' ' || last_name WHERE full_name IS NULL`` leaves such rows in the set for ever.
    """
    nulls = [
        {"NullTest": {"arg": value, "nulltesttype": "IS_NULL"}}
        for value in values.values()
        if value is not None
    ]
    pending = {"BoolExpr": {"boolop": "OR_EXPR", "args": [_differs(statement, target, values), *nulls]}}
    null_results = nulls[0] if len(nulls) == 1 else {"BoolExpr": {"boolop": "OR_EXPR", "args": nulls}}
    return Convergence(
        "converges",
        "a row that is done does not match the WHERE any more, or has its new values",
        remaining_sql=_count_pending(statement, pending),
        unfixable_sql=count_query(statement, conjunction(statement.where, after, null_results)),
    )


def _insert(statement: DataStatement, target: Table) -> Convergence:
    conflict = statement.tree.get("onConflictClause")
    once = Convergence("once", "an inserted row does not tell which row it was made from")
    if conflict is None:
        guarded = any(query.not_exists for query in subqueries(statement.select))
        return Convergence("once", once.reason, remaining_sql=_count_select(statement) if guarded else None)
    columns = _conflict_columns(conflict)
    if not columns or not _accumulates_nothing(conflict):
        return once
    if any(column is None or not column.not_null for column in map(target.column, columns)):
        return once
    return Convergence(
        "converges", "a row that is there is not inserted again", remaining_sql=_missing(statement, columns)
    )


def _conflict_columns(conflict: Node) -> list[str]:
    infer = conflict.get("infer", {})
    elements = [item["IndexElem"] for item in infer.get("indexElems", [])]
    if "whereClause" in infer or not all("name" in element for element in elements):
        return []
    return [element["name"] for element in elements]


def _accumulates_nothing(conflict: Node) -> bool:
    values = [item["ResTarget"].get("val") for item in conflict.get("targetList", [])]
    return all(qualifier == "excluded" for qualifier, _ in column_refs(values)) and not any(
        kind == "SubLink" for kind, _ in walk(values)
    )


def _missing(statement: DataStatement, conflict: list[str]) -> str | None:
    names = [item["ResTarget"]["name"] for item in statement.tree.get("cols", [])]
    if not names or not set(conflict) <= set(names) or "withClause" in statement.tree:
        return None
    listed = ", ".join(quote(name) for name in names)
    same = " AND ".join(f"there.{quote(c)} = made.{quote(c)}" for c in conflict)
    found = _select(
        [{"ResTarget": {"val": parse_expression("1")}}], [_there(statement)], parse_expression(same)
    )
    made = deparse({"SelectStmt": statement.select})
    return f"SELECT count(*) FROM ({made}) AS made ({listed}) WHERE NOT EXISTS ({deparse(found)})"


def _there(statement: DataStatement) -> Node:
    return {"RangeVar": {**statement.target, "alias": {"aliasname": "there"}}}


def _count_select(statement: DataStatement) -> str | None:
    if "withClause" in statement.tree:
        return None
    return f"SELECT count(*) FROM ({deparse({'SelectStmt': statement.select})}) AS made"


def _assignments(statement: DataStatement) -> dict[str, Node | None]:
    """The new value of each column that is set; None where it is not a plain expression."""
    values: dict[str, Node | None] = {}
    for item in statement.tree["targetList"]:
        target = item["ResTarget"]
        plain = "indirection" not in target
        values[target["name"]] = _plain(target["val"]) if plain else None
    return values


def _plain(value: Node) -> Node | None:
    multiple = value.get("MultiAssignRef")
    if multiple is not None:
        arguments = multiple["source"].get("RowExpr", {}).get("args", [])
        position = multiple.get("colno", 1) - 1
        return arguments[position] if position < len(arguments) else None
    return None if "SetToDefault" in value else value


def _mentions(statement: DataStatement, tree: Any) -> bool:
    own = refname(statement.target)
    return any(
        column in {*statement.set_columns, "*"} and qualifier in (None, own)
        for qualifier, column in column_refs(tree)
    )


def _moody(tree: Any, functions: frozenset[str]) -> bool:
    return bool(function_names(tree) & functions) or any(
        kind == "SQLValueFunction" and not inside.get("op", "").startswith("SVFOP_CURRENT_CATALOG")
        for kind, inside in walk(tree)
    )


def _differs(statement: DataStatement, target: Table, values: dict[str, Node | None]) -> Node:
    """Whether the update would change a byte (``record_image_ne`` compares values of any type, NULLs as equal)."""
    comparison = parse_expression("pg_catalog.record_image_ne(ROW(NULL), ROW(NULL))")
    before, after = (argument["RowExpr"] for argument in comparison["FuncCall"]["args"])
    own = quote(refname(statement.target))
    before["args"] = [parse_expression(f"{own}.{quote(name)}") for name in values]
    after["args"] = [_as_column(target, name, value) for name, value in values.items() if value is not None]
    return comparison


def _after(statement: DataStatement, target: Table, values: dict[str, Node | None]) -> Node | None:
    """The WHERE as it would be once the new values are there; None where that cannot be said."""
    if any(_mentions(statement, query.tree) for query in subqueries(statement.where)):
        return None
    own = refname(statement.target)
    foreign = {refname(table) for table in tables(statement.sources)}

    def replaced(tree: Any) -> Any:
        if isinstance(tree, list):
            return [replaced(item) for item in tree]
        if not isinstance(tree, dict):
            return tree
        if "ColumnRef" in tree:
            ((qualifier, column),) = column_refs([tree])
            value = values.get(column) if qualifier in (None, own) and qualifier not in foreign else None
            return _as_column(target, column, value) if value is not None else tree
        return {key: replaced(value) for key, value in tree.items()}

    result = replaced(copy.deepcopy(statement.where))
    return result if isinstance(result, dict) else None


def _as_column(target: Table, name: str, value: Node) -> Node:
    column = target.column(name)
    if column is None:
        return value
    cast = parse_expression(f"CAST(NULL AS {column.type})")
    cast["TypeCast"]["arg"] = copy.deepcopy(value)
    return cast


def _select(targets: list[Node], sources: list[Node], where: Node | None) -> Node:
    select: Node = {
        "targetList": targets,
        "fromClause": sources,
        "limitOption": "LIMIT_OPTION_DEFAULT",
        "op": "SETOP_NONE",
    }
    if where is not None:
        select["whereClause"] = where
    return {"SelectStmt": select}
