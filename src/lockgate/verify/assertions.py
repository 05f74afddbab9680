"""Runs the author's own queries of a verify file: each must return one row with one true."""

from __future__ import annotations

from typing import Any, Final

import psycopg

from lockgate.sql.parse import Script, Statement, walk
from lockgate.verify.steps import Step, timed

Connection = psycopg.Connection[Any]

TIMEOUT: Final = "60s"
"""How long one query may take."""

_SETTING: Final = frozenset({"VariableSetStmt", "ConstraintsSetStmt", "TransactionStmt"})


def run_file(connection: Connection, version: str, script: Script) -> Step:
    """Run all queries of a file in one read-only transaction that is rolled back.

    ``SET LOCAL`` and ``set_config`` may stand between them. The first query that cannot be run ends the file; one that
    returns anything but true fails it, and the rest goes on.
    """
    step = Step(version, "queries", rows=0)
    with timed(step):
        try:
            with connection.transaction(force_rollback=True):
                connection.execute("SET TRANSACTION READ ONLY")
                connection.execute("SELECT pg_catalog.set_config('statement_timeout', %s, true)", (TIMEOUT,))
                for statement in script.statements:
                    _run(connection, statement, step)
        except psycopg.Error as error:
            if connection.broken:
                raise
            step.fail(error.diag.message_primary or type(error).__name__)
    if step.status == "passed" and not step.rows:
        step.fail("the file has no query: nothing is verified")
    return step


def _run(connection: Connection, statement: Statement, step: Step) -> None:
    if statement.failure is not None:
        step.fail(f"line {statement.line}: {statement.failure.message}")
        return
    if statement.kind == "TransactionStmt":
        return
    try:
        answer = connection.execute(statement.sql.encode())
    except psycopg.Error as error:
        raise _placed(error, statement, step) from error
    if statement.kind in _SETTING or _is_setting(statement):
        return
    step.rows = (step.rows or 0) + 1
    problem = _problem(answer.fetchmany(2) if answer.description else None)
    if problem is not None:
        step.fail(f"line {statement.line}: {problem}", [f"line {statement.line}: {problem}"])


def _placed(error: psycopg.Error, statement: Statement, step: Step) -> psycopg.Error:
    step.details.append(f"line {statement.line}: {error.diag.message_primary or type(error).__name__}")
    return error


def _is_setting(statement: Statement) -> bool:
    """``SELECT set_config(…)``, which returns the value that was set."""
    targets = statement.tree.get("targetList", [])
    if statement.kind != "SelectStmt" or statement.tree.get("fromClause"):
        return False
    names = [
        inner["funcname"][-1].get("String", {}).get("sval")
        for kind, inner in walk(targets)
        if kind == "FuncCall"
    ]
    return bool(names) and names[0] == "set_config"


def _problem(rows: list[tuple[Any, ...]] | None) -> str | None:
    """Why an answer is not one true; never what it holds."""
    if rows is None:
        return "not a query: nothing was returned"
    if len(rows) != 1 or len(rows[0]) != 1:
        many = "no row" if not rows else "more than one row or column"
        return f"returned {many} instead of one true"
    if rows[0][0] is None:
        return "returned NULL instead of true"
    return None if rows[0][0] is True else "returned false" if rows[0][0] is False else "returned no boolean"
