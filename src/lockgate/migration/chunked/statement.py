"""A data statement as the backfill sees it: what it writes, what is walked, and its tree."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal, cast

from lockgate.errors import UsageError
from lockgate.sql.identifiers import QualifiedName, quote
from lockgate.sql.parse import Node, Statement, deparse, parse_one, walk

Kind = Literal["update", "delete", "insert"]
_KINDS: dict[str, Kind] = {"UpdateStmt": "update", "DeleteStmt": "delete", "InsertStmt": "insert"}
_INNER = frozenset({"JOIN_INNER"})


@dataclass(frozen=True, slots=True)
class DataStatement:
    """One UPDATE, DELETE or INSERT … SELECT; ``sql`` is its text as written."""

    kind: Kind
    sql: str
    node: Node = field(repr=False, compare=False)

    @property
    def tree(self) -> Node:
        """The inside of the outermost node."""
        return _inside(self.node)

    @property
    def target(self) -> Node:
        """The table that is written to, as the parser's RangeVar."""
        return cast(Node, self.tree["relation"])

    @property
    def walked(self) -> Node | None:
        """The table that is walked: the target, or for an INSERT the one that leads its SELECT; None without one."""
        return _walked(self.kind, self.tree)

    @property
    def select(self) -> Node:
        """The SELECT of an INSERT."""
        return cast(Node, self.tree.get("selectStmt", {}).get("SelectStmt", {}))

    @property
    def set_columns(self) -> frozenset[str]:
        """The columns that an UPDATE sets; empty for the others."""
        if self.kind != "update":
            return frozenset()
        return frozenset(item["ResTarget"]["name"] for item in self.tree["targetList"])

    @property
    def where(self) -> Node | None:
        """The condition on the rows, or None."""
        place = self.select if self.kind == "insert" else self.tree
        return place.get("whereClause")

    @property
    def sources(self) -> list[Node]:
        """What stands in FROM or USING beside the target."""
        return list(self.tree.get("fromClause") or self.tree.get("usingClause") or [])

    def chunked(self, predicate: Node, relation: QualifiedName, extra: Node | None = None) -> str:
        """The statement for the rows of one chunk; ``relation`` may be a partition of the table that is walked."""
        node = copy.deepcopy(self.node)
        tree = _inside(node)
        walked = _walked(self.kind, tree)
        assert walked is not None
        point_at(walked, relation)
        place = tree["selectStmt"]["SelectStmt"] if self.kind == "insert" else tree
        place["whereClause"] = conjunction(place.get("whereClause"), extra, predicate)
        return deparse(node)


def read_statement(statement: Statement | str) -> DataStatement:
    """Take a statement on; raises SqlSyntaxError when it is none, UsageError when it changes no rows."""
    parsed = parse_one(statement) if isinstance(statement, str) else statement
    kind = _KINDS.get(parsed.kind)
    if kind is None:
        raise UsageError(
            "Only UPDATE, DELETE and INSERT … SELECT can be run in chunks.",
            state="nothing was changed",
            why=f"this is {_words(parsed.kind)}",
        )
    return DataStatement(kind, parsed.sql, parsed.node)


def refname(range_var: Node) -> str:
    """The name by which a statement refers to a table: its alias or its own."""
    alias = range_var.get("alias", {}).get("aliasname")
    return str(alias or range_var["relname"])


def relation_name(range_var: Node) -> str:
    """The quoted name of a table as it stands in the statement."""
    schema = range_var.get("schemaname")
    name = quote(range_var["relname"])
    return f"{quote(schema)}.{name}" if schema else name


def point_at(range_var: Node, relation: QualifiedName) -> None:
    """Let a RangeVar (changed in place) mean another table under the name that the statement knows it by."""
    known_as = refname(range_var)
    range_var["schemaname"], range_var["relname"] = relation.schema, relation.name
    range_var["alias"] = {"aliasname": known_as}


def conjunction(*conditions: Node | None) -> Node | None:
    """All conditions at once; None when there is none."""
    present = [condition for condition in conditions if condition is not None]
    if len(present) < 2:
        return present[0] if present else None
    return {"BoolExpr": {"boolop": "AND_EXPR", "args": present}}


def column_refs(tree: Any) -> Iterator[tuple[str | None, str]]:
    """Every column that is referred to, as (qualifier, column); ``*`` stands for all columns."""
    for kind, inside in walk(tree):
        if kind != "ColumnRef":
            continue
        parts = [f["String"]["sval"] if "String" in f else "*" for f in inside["fields"]]
        yield (parts[-2] if len(parts) > 1 else None), parts[-1]


def tables(tree: Any) -> Iterator[Node]:
    """Every table that is read, as RangeVars."""
    return (inside for kind, inside in walk(tree) if kind == "RangeVar")


def function_names(tree: Any) -> frozenset[str]:
    """The unqualified names of all functions that are called."""
    return frozenset(
        inside["funcname"][-1]["String"]["sval"] for kind, inside in walk(tree) if kind == "FuncCall"
    )


def _inside(node: Node) -> Node:
    ((_, tree),) = node.items()
    return cast(Node, tree)


def _walked(kind: Kind, tree: Node) -> Node | None:
    if kind != "insert":
        return cast(Node, tree["relation"])
    select = tree.get("selectStmt", {}).get("SelectStmt", {})
    found = (leader for item in select.get("fromClause", []) if (leader := _leader(item)))
    return next(found, None)


def _leader(item: Node) -> Node | None:
    """The table whose rows a join keeps, so that a condition on it cuts the result into parts that add up."""
    if "RangeVar" in item:
        return cast(Node, item["RangeVar"])
    join = item.get("JoinExpr")
    if join is None:
        return None
    kind = join.get("jointype")
    if kind == "JOIN_LEFT":
        return _leader(join["larg"])
    if kind == "JOIN_RIGHT":
        return _leader(join["rarg"])
    return (_leader(join["larg"]) or _leader(join["rarg"])) if kind in _INNER else None


def _words(kind: str) -> str:
    return {"SelectStmt": "a SELECT", "MergeStmt": "a MERGE", "TruncateStmt": "a TRUNCATE"}.get(
        kind, f"a statement of another kind ({kind.removesuffix('Stmt')})"
    )
