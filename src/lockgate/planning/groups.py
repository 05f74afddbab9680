"""Where the statements of a file begin and end a transaction: what the file says, and what PostgreSQL allows.

A file without BEGIN is one transaction, interrupted only by statements that cannot run in one. BEGIN … COMMIT in the
file are kept as boundaries, because a COMMIT that an author wrote (to validate a constraint apart from adding it, to
use a new enum value) has its reason; the two words themselves are left to the engine.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lockgate.analysis.transactions import DECIDED_BY_OBJECT, must_run_outside
from lockgate.errors import SourceError
from lockgate.sql.parse import Statement


@dataclass(frozen=True, slots=True)
class Placed:
    """A statement and the number of its transaction; None where it must run outside of one."""

    statement: Statement
    transaction: int | None


def place(
    statements: Sequence[Statement],
    path: str,
    *,
    one_by_one: bool = False,
    apart: frozenset[int] = frozenset(),
) -> tuple[Placed, ...]:
    """Give every statement its transaction; BEGIN and COMMIT themselves are left out.

    ``one_by_one`` is the directive ``no-transaction``; ``apart`` the statements that somebody else carries out
    (backfills), and those that the server is known to refuse inside a transaction for what they are about. A statement
    that it might refuse is left outside when it is the only one: there is nothing to hold together. Raises SourceError
    for transaction control that cannot be kept: ROLLBACK, PREPARE TRANSACTION, a BEGIN without COMMIT or the other way
    round, a statement inside BEGIN that must run outside.
    """
    doing = [statement for statement in statements if statement.kind != "TransactionStmt"]
    if len(doing) == len(statements) == 1 and doing[0].kind in DECIDED_BY_OBJECT:
        apart |= {doing[0].index}
    placer = _Placer(path, one_by_one, apart)
    placed = tuple(placer.walk(statements))
    placer.check_end()
    return placed


class _Placer:
    def __init__(self, path: str, one_by_one: bool, apart: frozenset[int]) -> None:
        self._path = path
        self._one_by_one = one_by_one
        self._apart = apart
        self._number = 1
        self._begin: Statement | None = None

    def walk(self, statements: Sequence[Statement]) -> Iterator[Placed]:
        for statement in statements:
            if statement.kind == "TransactionStmt":
                if self._control(statement):
                    yield Placed(statement, self._number)
            elif must_run_outside(statement.kind, statement.tree) or statement.index in self._apart:
                yield self._outside(statement)
            else:
                yield Placed(statement, self._number)
                if self._one_by_one and self._begin is None:
                    self._number += 1

    def check_end(self) -> None:
        if self._begin is not None:
            raise self._error(
                self._begin,
                "BEGIN has no COMMIT: nothing of it would be kept",
                "add COMMIT, or leave BEGIN out: Lockgate runs a file in a transaction anyway",
            )

    def _control(self, statement: Statement) -> bool:
        """Follow one BEGIN, COMMIT …; returns whether the statement itself is to be executed (savepoints)."""
        kind = statement.tree.get("kind", "TRANS_STMT_BEGIN")
        if kind in ("TRANS_STMT_BEGIN", "TRANS_STMT_START"):
            self._open(statement)
        elif kind == "TRANS_STMT_COMMIT":
            self._close(statement)
        elif kind in ("TRANS_STMT_SAVEPOINT", "TRANS_STMT_RELEASE", "TRANS_STMT_ROLLBACK_TO"):
            return True
        else:
            raise self._error(
                statement,
                f"{statement.sql.split()[0].upper()} cannot stand in a migration: it would undo what is recorded",
                "take it out of the file",
            )
        return False

    def _open(self, statement: Statement) -> None:
        if self._begin is not None:
            raise self._error(statement, "BEGIN inside BEGIN", "take one of them out")
        self._begin = statement
        self._number += 1

    def _close(self, statement: Statement) -> None:
        if self._begin is None:
            raise self._error(
                statement, "COMMIT without BEGIN", "take it out, or add BEGIN where it should begin"
            )
        self._begin = None
        self._number += 1

    def _outside(self, statement: Statement) -> Placed:
        if self._begin is not None:
            what = "a backfill" if statement.index in self._apart else " ".join(statement.sql.split()[:4])
            raise self._error(
                statement, f"{what} cannot run inside BEGIN … COMMIT", "put it before BEGIN or after COMMIT"
            )
        self._number += 1
        return Placed(statement, None)

    def _error(self, statement: Statement, message: str, advice: str) -> SourceError:
        return SourceError(
            message,
            path=self._path,
            line=statement.start.line,
            column=statement.start.column,
            next_steps=[advice],
        )
