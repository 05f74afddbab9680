"""Change many rows in chunks: an UPDATE, DELETE or INSERT … SELECT becomes a backfill.

One statement over a large table holds every row lock to its end and leaves as many dead rows as it touched. In chunks
each commit is short, replicas keep up, and a killed run goes on where it stopped.
"""

from __future__ import annotations

from lockgate.analysis.chunking import reason_against_chunks
from lockgate.planning.changes import KEEPABLE, Part
from lockgate.planning.inheritance import in_each_table
from lockgate.planning.plan import PhaseKind
from lockgate.planning.strategies.base import Answer, Question, Strategy


def plan(question: Question) -> Answer | None:
    """The same statement with the directive, in a file of its own; None for a view, or rows that are written out.

    A statement whose chunks would not add up to the whole stays as it is, with the reason.
    """
    statement = question.statement
    if statement.kind == "InsertStmt":
        select = statement.tree.get("selectStmt", {}).get("SelectStmt", {})
        if not select or "valuesLists" in select or "fromClause" not in select:
            return None
    if question.table.kind not in ("table", "partitioned table"):
        return None
    if question.table.is_new or any("lockgate: backfill" in comment.text for comment in statement.comments):
        return None
    reason = reason_against_chunks(statement, question.state)
    return _whole(question, reason) if reason else _in_chunks(question)


def _whole(question: Question, reason: str) -> Answer:
    part = Part(PhaseKind.MIGRATE, _title(question), (question.statement.sql,))
    notes = (f"it runs as a whole, for it cannot be run in chunks: {reason}",)
    return Answer(f"change-{question.table.name.name}", (part,), notes)


def _in_chunks(question: Question) -> Answer:
    statement = question.statement
    final = None if statement.kind == "InsertStmt" else KEEPABLE
    part = Part(
        PhaseKind.MIGRATE,
        _title(question),
        tuple(f"-- lockgate: backfill\n{sql}" for sql in in_each_table(statement, question.state)),
        final=final,
    )
    notes = ("the rows as they were are kept in a side table, for the way back",) if final else ()
    return Answer(f"change-{question.table.name.name}", (part,), notes)


def _title(question: Question) -> str:
    verb = {"UpdateStmt": "backfill", "DeleteStmt": "delete from", "InsertStmt": "fill"}[
        question.statement.kind
    ]
    return f"{verb} {question.table.name.name}"


STRATEGY = Strategy(
    "data-change",
    ("UpdateStmt", "DeleteStmt", "InsertStmt"),
    plan,
    __doc__ or "",
    "UPDATE users SET email = lower(email) WHERE email <> lower(email)",
)
