"""Routines and triggers that name what a change is about: no server looks into their bodies, so nothing stops it.

A body that is text is found out when it runs: a trigger that says NEW.name fails every write once the column has
another name. Bound bodies (BEGIN ATOMIC) follow by themselves.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from lockgate.analysis.state.catalog import Catalog
from lockgate.analysis.state.names import dotted
from lockgate.analysis.view import Function, Relation, Trigger
from lockgate.planning.subjects import subject_of
from lockgate.planning.sync import PREFIX
from lockgate.sql.identifiers import QualifiedName
from lockgate.sql.parse import Node, Statement

_TEXTS: Final = ("sql", "plpgsql")
_OF_A_COLUMN: Final = ("AT_DropColumn", "AT_AlterColumnType")


def notes_on_bodies(
    statement: Statement, state: Catalog, rest: Iterable[Statement], parts: Iterable[str]
) -> Iterator[str]:
    """Which routines go on saying the old name, and which triggers come behind the one that keeps columns in step."""
    table, column = subject_of(statement, state), _column(statement)
    if table is None or table.is_new or column is None:
        return
    replaced = {name for one in rest for name in _replaced(one)}
    saying = [] if _keeps_its_name(statement) else _saying(state, table, column)
    names = dict.fromkeys(f"{one.name}()" for one in saying if one.name.name not in replaced)
    if names:
        what = f"{table.name}.{column}" if column else str(table.name)
        yield f"the body of {', '.join(names)} names {what}: replace it in the file that takes the name away"
    if column and any(PREFIX in sql for sql in parts):
        yield from _overtaken(state, table, column)


def _column(statement: Statement) -> str | None:
    """The column that is renamed, dropped or gets another type, an empty text for a table; None for all else."""
    tree = statement.tree
    if statement.kind == "RenameStmt":
        sort = tree.get("renameType")
        return {"OBJECT_COLUMN": tree.get("subname"), "OBJECT_TABLE": ""}.get(str(sort))
    return next(
        (str(one.get("name", "")) for one in _commands(statement) if one["subtype"] in _OF_A_COLUMN), None
    )


def _keeps_its_name(statement: Statement) -> bool:
    return any(one["subtype"] == "AT_AlterColumnType" for one in _commands(statement))


def _commands(statement: Statement) -> list[Node]:
    commands = statement.tree.get("cmds", ()) if statement.kind == "AlterTableStmt" else ()
    return [one["AlterTableCmd"] for one in commands if "subtype" in one["AlterTableCmd"]]


def _saying(state: Catalog, table: Relation, column: str) -> Iterator[Function]:
    fired = {trigger.function for trigger in table.triggers}
    for function in state.all_functions():
        is_text = function.language in _TEXTS and function.body and not function.bound
        if is_text and _says(function, table, column, fired):
            yield function


def _says(function: Function, table: Relation, column: str, fired: set[QualifiedName]) -> bool:
    body = function.body
    if (
        column
        and function.name in fired
        and re.search(rf"\b(?:NEW|OLD)\.\"?{re.escape(column)}\b", body, re.IGNORECASE)
    ):
        return True
    words = [table.name.name, *([column] if column else [])]
    return all(re.search(rf"(?<![\w$]){re.escape(word)}(?![\w$])", body, re.IGNORECASE) for word in words)


def _replaced(statement: Statement) -> Iterator[str]:
    if statement.kind == "CreateFunctionStmt":
        yield dotted(statement.tree["funcname"])[1]


def _overtaken(state: Catalog, table: Relation, column: str) -> Iterator[str]:
    """Triggers fire in the order of their names; what one of them changes behind ours is not carried over."""
    for trigger in table.triggers:
        if _is_behind(trigger) and _may_assign(state, trigger, column):
            yield (
                f"trigger {trigger.name} fires behind the one that keeps two columns in step, and what it changes in"
                f" {column} would stay in one of them: rename it first, so that it fires before"
            )


def _is_behind(trigger: Trigger) -> bool:
    return trigger.enabled and trigger.timing == "before" and trigger.for_each_row and trigger.name > PREFIX


def _may_assign(state: Catalog, trigger: Trigger, column: str) -> bool:
    group = state.functions(trigger.function.schema, trigger.function.name)
    pattern = rf"\bNEW(?:\.\"?{re.escape(column)}\"?)?\s*:?="
    return not group or any(not one.body or re.search(pattern, one.body, re.IGNORECASE) for one in group)
