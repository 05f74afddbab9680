"""Write a table anew without stopping it: SET LOGGED or UNLOGGED, another tablespace, VACUUM FULL, CLUSTER.

Each of these writes the whole table, and its indexes, under ACCESS EXCLUSIVE. Instead a new table of the wanted kind
stands beside it. A trigger follows every write, a backfill copies the rows, and the two exchange their names in one
short transaction, in which policies, privileges, triggers, sequences, comments and publications go along. Until the
last part every write goes to both, so that going back loses nothing. Foreign keys that point to the table get a second
one to the new table, proved before the exchange; views, rules, policies of other tables and routines with bound bodies
are replaced in place in the moment of the exchange. Materialized views go on reading the old table, in step, until a
second one, filled behind the exchange, takes their name. Routines that take or return the table's rows, views of
materialized views, and referring tables with partitions stand in the way; then the statement stays, behind a gate, with
the reason.
"""

from __future__ import annotations

from typing import Final

from lockgate.planning.changes import Part
from lockgate.planning.plan import PhaseKind
from lockgate.planning.rebuild.parts import rebuilt
from lockgate.planning.rebuild.shape import Shape
from lockgate.planning.strategies.base import Answer, Question, Strategy
from lockgate.sql.identifiers import quote


def plan(question: Question) -> Answer | None:
    """A new table of the wanted kind; None for a plain VACUUM and for what no table is."""
    kind, table = question.statement.kind, question.table
    if table.kind != "table":
        return None
    if kind == "AlterTableStmt":
        if _is_so_already(question):
            return _as_it_is(question)
        return rebuilt(question, f"rewrite-{table.name.name}", _wanted(question))
    if kind == "VacuumStmt" and not _is_full(question):
        return None
    notes = (
        ("the rows come in the order of the primary key, and not of the index; the index is marked",)
        if kind == "ClusterStmt"
        else ()
    )
    return rebuilt(question, f"rewrite-{table.name.name}", _same(question), notes)


def _as_it_is(question: Question) -> Answer:
    part = Part(
        PhaseKind.EXPAND,
        f"leave {question.table.name.name}",
        (question.statement.sql,),
        accepts=tuple((rule, "it is so already") for rule in _REWRITES),
    )
    return Answer("", (part,), (f"{question.table.name} is so already: nothing is written anew",))


_REWRITES: Final = ("set-tablespace", "set-logged-unlogged", "set-access-method")


def _is_so_already(question: Question) -> bool:
    table, command = question.table, question.command
    match command["subtype"]:
        case "AT_SetUnLogged":
            return table.persistence == "unlogged"
        case "AT_SetLogged":
            return table.persistence == "permanent"
        case "AT_SetTableSpace":
            return bool(command["name"] == (table.tablespace or "pg_default"))
    return bool(command.get("name") == table.access_method)


def _is_full(question: Question) -> bool:
    tree = question.statement.tree
    return len(tree.get("rels", ())) == 1 and any(
        item["DefElem"].get("defname") == "full" for item in tree.get("options", ())
    )


def _same(question: Question) -> Shape:
    marked = question.statement.tree.get("indexname", "") if question.statement.kind == "ClusterStmt" else ""
    return Shape("UNLOGGED " if question.table.persistence == "unlogged" else "", clustered=marked)


def _wanted(question: Question) -> Shape:
    command = question.command
    match command["subtype"]:
        case "AT_SetUnLogged":
            return Shape("UNLOGGED ", logging="UNLOGGED")
        case "AT_SetTableSpace":
            return Shape(_same(question).before, f" TABLESPACE {quote(command['name'])}")
        case "AT_SetAccessMethod":
            return Shape(
                _same(question).before, f" USING {quote(command['name'])}" if command.get("name") else ""
            )
    return Shape(logging="LOGGED")


STRATEGY = Strategy(
    "rewrite-table",
    ("AT_SetUnLogged", "AT_SetLogged", "AT_SetTableSpace", "AT_SetAccessMethod", "VacuumStmt", "ClusterStmt"),
    plan,
    __doc__ or "",
    "ALTER TABLE logs SET UNLOGGED",
)
