"""A change that the server refuses as it was written is not planned: a plan would only fail in a later file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from lockgate.errors import UsageError
from lockgate.planning.changes import Change
from lockgate.planning.reshape.words import wish_of
from lockgate.sql.parse import Statement, deparse, parse
from lockgate.workflow.looking import Refused

_NO_SUCH: Final = frozenset({"3F000", "42704", "42703", "42883", "42P01", "42P02"})
_NO_SENSE: Final = frozenset({"42804", "42846", "42830", "42611", "42P17", "42P18", "42P22", "42725"})
_WRONG: Final = _NO_SUCH | _NO_SENSE
"""Names that nobody has, and types that do not fit: no order of steps makes them right."""
_NO_CAST_BY_ITSELF: Final = "42804"
_UNSURE: Final = frozenset({"42501", "42601"})
"""Privileges are those of the target, and a newer server's syntax is put in older words by the plan."""
_NEEDED: Final = "drop or change what depends on it first, in the same change or in a migration before it"
_MADE_FIRST: Final = "correct the statement, or write the migration first that makes what it needs"


def refuse_impossible(
    sql: str, change: Change, major: int, refused: Callable[[Sequence[str]], Refused | None]
) -> None:
    """Raise UsageError where the server is sure to refuse the plan, since it refuses what was asked for.

    What a strategy takes apart may well be refused in one piece: there only names and types count. A statement that
    the plan runs as it is has to pass as it is.
    """
    if wish_of(sql) is not None:
        return
    statements = [one for one in parse(sql).statements if one.kind != "TransactionStmt"]
    texts = [one.sql for one in statements]
    found = refused(texts)
    if found is not None and found.sqlstate == _NO_CAST_BY_ITSELF:
        found = refused([_casting(one) or one.sql for one in statements])
    if found is None:
        return
    asked = statements[found.number]
    if any(asked.sql in part.sql for part in change.parts):
        hopeless = _is_sure(found)
    else:
        # Where only the default of a column has no cast, the plan gives the new column one of its own.
        spared = found.sqlstate == _NO_CAST_BY_ITSELF and _is_change_of_type(asked)
        hopeless = found.sqlstate in _WRONG and not spared
    if hopeless:
        raise _refusal(asked, found, major)


def _casting(statement: Statement) -> str | None:
    """A change of type with the cast that a plan makes of it; None for anything else."""
    if not _is_change_of_type(statement):
        return None
    command = statement.tree["cmds"][0]["AlterTableCmd"]
    definition = command["def"]["ColumnDef"]
    if "raw_default" in definition:
        return None
    column = {"ColumnRef": {"fields": [{"String": {"sval": command["name"]}}]}}
    cast = {"TypeCast": {"arg": column, "typeName": definition["typeName"]}}
    changed = {**command, "def": {"ColumnDef": {**definition, "raw_default": cast}}}
    return deparse({statement.kind: {**statement.tree, "cmds": [{"AlterTableCmd": changed}]}})


def _is_change_of_type(statement: Statement) -> bool:
    commands = [item["AlterTableCmd"].get("subtype") for item in statement.tree.get("cmds", ())]
    return commands == ["AT_AlterColumnType"]


def _is_sure(found: Refused) -> bool:
    in_general = found.sqlstate.startswith(("42", "22", "2BP"))
    return in_general and found.sqlstate not in _UNSURE


def _refusal(statement: Statement, found: Refused, major: int) -> UsageError:
    said = [" ".join(text.split()) for text in (found.detail, found.hint) if text]
    return UsageError(
        f"PostgreSQL {major} refuses this: {found.message}",
        state="nothing was written; it was tried on a throwaway server that has the schema of the migrations",
        why=" ".join(said) or None,
        evidence=f"SQLSTATE {found.sqlstate} for: {' '.join(statement.sql.split())[:200]}",
        next_steps=[_NEEDED if found.sqlstate == "2BP01" else _MADE_FIRST],
    )
