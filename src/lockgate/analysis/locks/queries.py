"""Queries: which relations they open, in which mode, and of which they have to read every row.

How far a query is taken decides what it opens: when it is only analysed (CREATE VIEW, a function body) the relations
that it names, when it is planned (EXPLAIN, DECLARE CURSOR) also those behind views and partitions, and when it is
executed also what the functions and triggers in it do.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from lockgate.analysis.locks.bounds import holds_all, may_hold
from lockgate.analysis.locks.expressions import Fact, conjuncts, facts, qualifier
from lockgate.analysis.locks.ledger import Ledger
from lockgate.analysis.locks.scene import is_stored
from lockgate.analysis.state import names
from lockgate.analysis.view import Relation
from lockgate.sql.parse import Node, walk
from lockgate.types import LockMode

Scope = frozenset[str]
_NO_NAMES: Scope = frozenset()
_DATA_STATEMENTS = frozenset({"InsertStmt", "UpdateStmt", "DeleteStmt", "MergeStmt"})


class Depth(enum.IntEnum):
    """How far the server takes a query."""

    ANALYSED = 0
    PLANNED = 1
    EXECUTED = 2


@dataclass(slots=True)
class Source:
    """One relation in a FROM clause: how it is called there, and whether ONLY stands before it."""

    relation: Relation
    alias: str
    alone: bool


@dataclass(slots=True)
class Level:
    """One query level: its relations and what its WHERE and ON clauses demand."""

    sources: list[Source] = field(default_factory=list)
    conditions: list[Node] = field(default_factory=list)


class Reader:
    """Writes down what a query opens."""

    def __init__(
        self,
        ledger: Ledger,
        depth: Depth,
        *,
        write: Callable[[Reader, str, Node, Scope], None] | None = None,
        call: Callable[[Ledger, Node], None] | None = None,
    ) -> None:
        self.ledger = ledger
        self.depth = depth
        self._write = write
        self._call = call

    def statement(self, kind: str, tree: Node, scope: Scope = _NO_NAMES) -> None:
        """Any statement that can stand in WITH."""
        if kind == "SelectStmt":
            self.select(tree, scope)
        elif kind in _DATA_STATEMENTS and self._write is not None:
            self._write(self, kind, tree, scope)

    def select(self, tree: Node, scope: Scope = _NO_NAMES, mode: LockMode = LockMode.ACCESS_SHARE) -> None:
        """SELECT with everything in it; ``mode`` is what a row mark around it (FOR UPDATE of a view) asks for."""
        scope = self.with_clause(tree, scope)
        for arm in ("larg", "rarg"):
            if arm in tree:
                self.select(tree[arm], scope, mode)
        level = Level()
        for item in tree.get("fromClause", ()):
            self.from_item(item, level, scope)
        level.conditions += conjuncts(tree.get("whereClause"))
        for source in level.sources:
            self.use(source, max(mode, _marked(tree, source.alias)), level.conditions)
        rest = {key: value for key, value in tree.items() if key not in _READ_APART}
        self.expression(rest, scope)

    def with_clause(self, tree: Node, scope: Scope) -> Scope:
        """Read the WITH queries and add their names to those that are no tables."""
        clause = tree.get("withClause", {})
        entries = [item["CommonTableExpr"] for item in clause.get("ctes", ())]
        scope = scope | {entry["ctename"] for entry in entries} if clause.get("recursive") else scope
        for entry in entries:
            ((kind, inside),) = entry["ctequery"].items()
            self.statement(kind, inside, scope)
            scope = scope | {entry["ctename"]}
        return scope

    def from_item(self, item: Node, level: Level, scope: Scope) -> None:
        """One entry of FROM, USING or a join."""
        ((kind, inside),) = item.items()
        if kind == "RangeVar":
            self._range_var(inside, level, scope)
        elif kind == "JoinExpr":
            self.from_item(inside["larg"], level, scope)
            self.from_item(inside["rarg"], level, scope)
            level.conditions += conjuncts(inside.get("quals"))
            self.expression(inside.get("quals"), scope)
        elif kind == "RangeSubselect":
            self.expression(inside["subquery"], scope)
        elif kind == "RangeTableSample":
            self.from_item(inside["relation"], level, scope)
        else:
            self.expression(inside, scope)

    def _range_var(self, node: Node, level: Level, scope: Scope) -> None:
        schema, name = names.range_var(node)
        if not schema and name in scope:
            return
        alias = node.get("alias", {}).get("aliasname", name)
        level.sources.append(Source(self.ledger.scene.relation(node), alias, not node.get("inh")))

    def expression(self, node: object, scope: Scope) -> None:
        """Find the queries and function calls within an expression."""
        if isinstance(node, list):
            for item in node:
                self.expression(item, scope)
        elif isinstance(node, dict):
            for key, value in node.items():
                self._part(key, value, scope)

    def _part(self, key: str, value: object, scope: Scope) -> None:
        if not isinstance(value, dict | list):
            return
        if key == "SelectStmt" and isinstance(value, dict):
            self.select(value, scope)
            return
        if key == "FuncCall" and isinstance(value, dict) and self._calls:
            self._call(self.ledger, value)  # type: ignore[misc]
        self.expression(value, scope)

    @property
    def _calls(self) -> bool:
        return self.depth is Depth.EXECUTED and self._call is not None

    def use(self, source: Source, mode: LockMode, conditions: list[Node]) -> None:
        """Open a relation of a query, and what stands behind it."""
        relation = source.relation
        if relation.kind == "view":
            self.ledger.lock(relation.name, mode)
            if self.depth > Depth.ANALYSED:
                self.behind_view(relation, mode)
            return
        known = list(conditions_on(source, conditions))
        self._open(relation, mode, known)
        if not source.alone and self.depth > Depth.ANALYSED:
            for child in self.reached(relation, known):
                self._open(child, mode, known)

    def behind_view(self, view: Relation, mode: LockMode) -> None:
        """Open what a view reads; a row mark goes down to its tables."""
        query = (view.query or {}).get("SelectStmt")
        if query is not None:
            self.select(query, mode=mode if mode is LockMode.ROW_SHARE else LockMode.ACCESS_SHARE)
            return
        for name in view.reads:
            self.use(Source(self.ledger.scene.known(name), name.name, alone=False), LockMode.ACCESS_SHARE, [])

    def _open(self, relation: Relation, mode: LockMode, known: list[Fact]) -> None:
        self.ledger.lock(relation.name, mode, scan=self.scans(relation, known))

    def scans(self, relation: Relation, known: list[Fact]) -> bool:
        """Whether an execution reads every row: no index leads to those that are wanted."""
        return self.depth is Depth.EXECUTED and is_stored(relation) and not is_indexed(relation, known)

    def reached(self, relation: Relation, known: list[Fact]) -> Iterator[Relation]:
        """The descendants that are opened: of a partitioned table those that can hold wanted rows."""
        children = [self.ledger.scene.known(name) for name in self.ledger.scene.state.children(relation.name)]
        key = relation.partition_key
        sure = any(holds_all(child, key, known) for child in children)
        for child in children:
            default = child.partition_bound is not None and child.partition_bound.default
            if may_hold(child, key, known) and not (default and sure):
                yield child
                yield from self.reached(child, known)


_READ_APART = frozenset({"withClause", "larg", "rarg", "fromClause"})
_READERS = frozenset({"LCS_FORKEYSHARE", "LCS_FORSHARE", "LCS_FORNOKEYUPDATE", "LCS_FORUPDATE"})


def _marked(tree: Node, alias: str) -> LockMode:
    """ROW SHARE for a relation that FOR UPDATE or FOR SHARE names, or that one without names takes with all."""
    for item in tree.get("lockingClause", ()):
        clause = item["LockingClause"]
        named = [entry["RangeVar"]["relname"] for entry in clause.get("lockedRels", ())]
        if clause.get("strength") in _READERS and (not named or alias in named):
            return LockMode.ROW_SHARE
    return LockMode.ACCESS_SHARE


def conditions_on(source: Source, conditions: list[Node]) -> Iterator[Fact]:
    """What the conditions of a query say of one of its relations."""
    for condition in conditions:
        qualifiers = {qualifier(inside) for kind, inside in walk(condition) if kind == "ColumnRef"}
        for fact in facts(condition):
            if qualifiers <= {"", source.alias} and source.relation.column(fact.column):
                yield fact


def is_indexed(relation: Relation, known: list[Fact]) -> bool:
    """Whether the first key of an index is held to certain values."""
    held = {fact.column for fact in known if fact.operator in ("=", "in")}
    return any(
        index.valid and index.predicate is None and not index.partitioned and index.keys[0].column in held
        for index in relation.indexes
        if index.keys
    )
