"""The transaction that each statement runs in: what the file says, what the runner adds, what is still held."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from lockgate.analysis import settings as run_time
from lockgate.analysis.runners import LOCKGATE, Runner, Wrapping
from lockgate.analysis.settings import Settings
from lockgate.analysis.source import Source
from lockgate.analysis.state.store import UndoLog
from lockgate.sql.parse import Node, Statement
from lockgate.types import LockMode, RelationLock
from lockgate.values import value

_ALWAYS_OUTSIDE = frozenset(
    {
        "CreatedbStmt",
        "DropdbStmt",
        "CreateTableSpaceStmt",
        "DropTableSpaceStmt",
        "AlterSystemStmt",
        "CreateSubscriptionStmt",
        "DropSubscriptionStmt",
    }
)
DECIDED_BY_OBJECT = frozenset(
    {
        "ReindexStmt",
        "ClusterStmt",
        "AlterDatabaseStmt",
        "CreateSubscriptionStmt",
        "AlterSubscriptionStmt",
    }
)
"""Refused inside a transaction block for a partitioned table, another tablespace, a slot at the other end; else not."""

_WHOLE_REINDEX = frozenset({"REINDEX_OBJECT_SCHEMA", "REINDEX_OBJECT_SYSTEM", "REINDEX_OBJECT_DATABASE"})


def must_run_outside(kind: str, tree: Node) -> bool:
    """Whether the server refuses a statement inside a transaction block."""
    if kind in ("IndexStmt", "DropStmt"):
        return bool(tree.get("concurrent"))
    if kind == "ReindexStmt":
        return tree.get("kind") in _WHOLE_REINDEX or has_option(tree.get("params", []), "concurrently")
    if kind == "VacuumStmt":
        return bool(tree.get("is_vacuumcmd"))
    if kind == "ClusterStmt":
        return "relation" not in tree
    if kind == "AlterTableStmt":
        return any(_detaches_concurrently(item["AlterTableCmd"]) for item in tree.get("cmds", ()))
    return kind in _ALWAYS_OUTSIDE


def has_option(params: list[Node], name: str) -> bool:
    """Whether a list of ``DefElem`` switches an option on."""
    for item in params:
        element = item["DefElem"]
        if element.get("defname") == name:
            value = element.get("arg", {})
            if "Integer" in value:
                return bool(value["Integer"].get("ival"))
            return str(value.get("String", {}).get("sval", "on")).lower() not in ("off", "false", "0")
    return False


def _detaches_concurrently(command: Node) -> bool:
    if command.get("subtype") != "AT_DetachPartition":
        return False
    return bool(command["def"]["PartitionCmd"].get("concurrent"))


@value(frozen=True, slots=True)
class Held:
    """A lock that the transaction took and keeps: the strongest mode on a relation, and since which statement.

    Locks on what nobody else can want are not among them.
    """

    relation: str
    mode: LockMode
    statement: int
    step: int = 0
    """Counts what runs inside a statement (a DO block), from 1; 0 is the statement itself."""


@dataclass(slots=True)
class Transaction:
    """One transaction: a block of several statements, or a statement of its own (``block`` is ``none``)."""

    number: int
    block: str = "none"
    by_file: bool = False
    statements: list[Statement] = field(default_factory=list)
    held: dict[str, Held] = field(default_factory=dict)
    begun_at: int = -1

    @property
    def is_block(self) -> bool:
        """Whether several statements commit together."""
        return self.block != "none"

    def holds(self, at_least: LockMode) -> list[Held]:
        """The locks of that strength or more that earlier statements took."""
        return [held for held in self.held.values() if held.mode >= at_least]


@value(frozen=True, slots=True)
class _Mark:
    name: str
    log: int
    settings: Any
    held: dict[str, Held]


class Session:
    """A file's run, statement by statement: ``enter`` before a statement is judged, ``leave`` when it has run.

    ``undo`` is the catalog's log, so that ROLLBACK takes back what the statements made.
    """

    def __init__(
        self,
        source: Source,
        runner: Runner = LOCKGATE,
        wrapping: Wrapping = "auto",
        settings: Settings | None = None,
        undo: UndoLog | None = None,
    ) -> None:
        self.settings = settings or Settings()
        self.settings.clear()
        self.runner = runner
        self._undo = undo or UndoLog()
        self._number = 0
        self._marks: list[_Mark] = []
        self._begin_mark: _Mark | None = None
        self._own_control = any(_is_begin(s) for s in source.script.statements)
        self._wrap = self._wrapped_block(source, wrapping)
        self._splits = wrapping == "auto" and self._may_split(source)
        self.transaction = Transaction(0)
        self._closed = True

    def _wrapped_block(self, source: Source, wrapping: Wrapping) -> str:
        if wrapping == "always":
            return "explicit"
        if wrapping == "never" or source.no_transaction or self.runner.leaves_alone(source.script):
            return "none"
        if self._own_control and self.runner.own_control == "steps back":
            return "none"
        return self.runner.block

    def _may_split(self, source: Source) -> bool:
        statements = source.script.statements
        return self.runner.splits or (self.runner.alone and len(statements) == 1)

    @property
    def in_block(self) -> bool:
        """Whether the statement that was entered runs in an explicit block, so that SET LOCAL and LOCK work."""
        return self.transaction.block == "explicit"

    @property
    def wraps(self) -> bool:
        """Whether the runner puts statements that stand outside of BEGIN and COMMIT into a transaction."""
        return self._wrap != "none"

    def enter(self, statement: Statement) -> Transaction:
        """The transaction that a statement runs in; a new one begins where the last one ended."""
        if _is_begin(statement):
            self._enter_begin(statement)
        elif self._closed:
            self._open(statement)
        elif self._splits and not self.transaction.by_file and _must_run_outside(statement):
            self._commit()
            self._open(statement)
        return self.transaction

    def leave(self, statement: Statement, locks: Iterable[RelationLock] = ()) -> None:
        """Note what a statement did: parameters, locks, the end of the transaction."""
        if not statement.repeats:
            for change in run_time.changes(statement.kind, statement.tree):
                self.settings.apply(change, statement.index, self.in_block)
        self._hold(locks, statement.index)
        if statement.kind == "TransactionStmt":
            self._control(statement.tree)
        else:
            self.transaction.statements.append(statement)
        if not self.transaction.is_block:
            self._commit()

    def inside(self, statement: Statement, locks: Iterable[RelationLock] = (), step: int = 0) -> None:
        """Note what a statement in a DO block did, which is in a transaction whatever stands around the block."""
        for change in run_time.changes(statement.kind, statement.tree):
            self.settings.apply(change, statement.index, in_block=True)
        self._hold(locks, statement.index, step)

    def _hold(self, locks: Iterable[RelationLock], statement: int, step: int = 0) -> None:
        for lock in locks:
            known = self.transaction.held.get(lock.relation)
            if known is None or lock.mode > known.mode:
                self.transaction.held[lock.relation] = Held(lock.relation, lock.mode, statement, step)

    def finish(self) -> bool:
        """The end of the file: whether a BEGIN of the file is still open, whose work is lost."""
        lost = not self._closed and self.transaction.by_file
        if lost:
            self._rollback()
        else:
            self._commit()
        return lost

    def _enter_begin(self, statement: Statement) -> None:
        by_file, wrapped = self.transaction.by_file, self._wrap == "explicit" and not self._splits
        if not self._closed and (by_file or wrapped):
            return
        if wrapped:
            self._open(statement)
            return
        self._commit()
        self._start("explicit", by_file=True, at=statement.index)

    def _open(self, statement: Statement) -> None:
        alone = self._splits and _must_run_outside(statement)
        self._start("none" if alone else self._wrap, by_file=False, at=statement.index)

    def _start(self, block: str, by_file: bool, at: int) -> None:
        self._number += 1
        self.transaction = Transaction(self._number, block, by_file, begun_at=at)
        self._begin_mark = self._mark("")
        self._marks = []
        self._closed = False

    def _mark(self, name: str) -> _Mark:
        return _Mark(name, self._undo.mark(), self.settings.save(), dict(self.transaction.held))

    def _commit(self) -> None:
        self.settings.end_transaction()
        self._closed = True

    def _rollback(self) -> None:
        if self._begin_mark is not None:
            self._undo.undo_to(self._begin_mark.log)
            self.settings.restore(self._begin_mark.settings)
        self._closed = True

    def _control(self, tree: Node) -> None:
        kind = str(tree.get("kind", "TRANS_STMT_BEGIN")).removeprefix("TRANS_STMT_")
        name = tree.get("savepoint_name", "")
        if kind in ("COMMIT", "PREPARE", "ROLLBACK"):
            self._rollback() if kind == "ROLLBACK" else self._commit()
            if not self.transaction.by_file and not self._splits:
                self._wrap = "none"
        elif kind == "SAVEPOINT":
            self._marks.append(self._mark(name))
        elif kind == "ROLLBACK_TO":
            self._back_to(name)
        elif kind == "RELEASE":
            self._marks = self._before(name)
        if tree.get("chain"):
            self._start("explicit", by_file=self.transaction.by_file, at=self.transaction.begun_at)

    def _before(self, name: str) -> list[_Mark]:
        for place in range(len(self._marks) - 1, -1, -1):
            if self._marks[place].name == name:
                return self._marks[:place]
        return self._marks

    def _back_to(self, name: str) -> None:
        found = next((mark for mark in reversed(self._marks) if mark.name == name), None)
        if found is None:
            return
        self._undo.undo_to(found.log)
        self.settings.restore(found.settings)
        self.transaction.held = dict(found.held)
        self._marks = [*self._before(name), found]


def _must_run_outside(statement: Statement) -> bool:
    return not statement.repeats and must_run_outside(statement.kind, statement.tree)


def _is_begin(statement: Statement) -> bool:
    if statement.kind != "TransactionStmt":
        return False
    return statement.tree.get("kind", "TRANS_STMT_BEGIN") in ("TRANS_STMT_BEGIN", "TRANS_STMT_START")
