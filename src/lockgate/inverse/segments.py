"""A file as runs of statements that are undone together.

A run of statements that only change the schema is undone by one difference of schemas, which orders everything by its
needs. A statement that may take rows away, or that renames what others then name, stands alone: what it takes is kept
and brought back in the names that it finds.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from lockgate.sql.parse import Statement, walk


class Nature(enum.Enum):
    """What a statement may do."""

    NOTHING = "nothing"
    SCHEMA = "schema"
    LOSES = "loses"
    ROWS = "rows"
    ANYTHING = "anything"


@dataclass(frozen=True, slots=True)
class Segment:
    """Statements that follow each other and are undone together."""

    nature: Nature
    statements: tuple[Statement, ...]


_NOTHING: Final = frozenset(
    {
        "TransactionStmt",
        "VariableSetStmt",
        "VariableShowStmt",
        "ExplainStmt",
        "LockStmt",
        "NotifyStmt",
        "ListenStmt",
        "UnlistenStmt",
        "CheckPointStmt",
        "VacuumStmt",
        "ReindexStmt",
        "DiscardStmt",
        "ConstraintsSetStmt",
        "DeclareCursorStmt",
        "FetchStmt",
        "ClosePortalStmt",
        "LoadStmt",
        "PrepareStmt",
        "DeallocateStmt",
    }
)
_ROWS: Final = frozenset(
    {"InsertStmt", "UpdateStmt", "DeleteStmt", "MergeStmt", "TruncateStmt", "CopyStmt", "SelectStmt"}
)
_ANYTHING: Final = frozenset({"DoStmt", "CallStmt", "ExecuteStmt"})
_LOSING_DROPS: Final = frozenset(
    {
        "OBJECT_TABLE",
        "OBJECT_SCHEMA",
        "OBJECT_SEQUENCE",
        "OBJECT_TYPE",
        "OBJECT_DOMAIN",
        "OBJECT_EXTENSION",
        "OBJECT_FOREIGN_TABLE",
    }
)
_LOSING_COMMANDS: Final = frozenset(
    {"AT_DropColumn", "AT_AlterColumnType", "AT_DropIdentity", "AT_SetExpression", "AT_DropExpression"}
)


def nature_of(statement: Statement) -> Nature:
    """What a statement may do, from its form alone; when in doubt, more."""
    kind, tree = statement.kind, statement.tree
    if kind in _NOTHING:
        return Nature.NOTHING
    if kind in _ANYTHING:
        return Nature.ANYTHING
    if kind == "SelectStmt" and "intoClause" not in tree:
        return (
            Nature.ROWS
            if any(found == "FuncCall" for found, _ in walk(tree)) or _writes(tree)
            else Nature.NOTHING
        )
    if kind in _ROWS:
        return Nature.ROWS
    if kind == "DropStmt":
        cascades = tree.get("behavior") == "DROP_CASCADE"
        return Nature.LOSES if cascades or tree.get("removeType") in _LOSING_DROPS else Nature.SCHEMA
    if kind == "AlterTableStmt":
        commands = (item["AlterTableCmd"] for item in tree.get("cmds", []))
        loses = any(
            command["subtype"] in _LOSING_COMMANDS or command.get("behavior") == "DROP_CASCADE"
            for command in commands
        )
        return Nature.LOSES if loses else Nature.SCHEMA
    return Nature.LOSES if kind in ("CompositeTypeStmt", "DropOwnedStmt") else Nature.SCHEMA


def _writes(tree: dict[str, object]) -> bool:
    return any(kind in ("InsertStmt", "UpdateStmt", "DeleteStmt", "MergeStmt") for kind, _ in walk(tree))


def segments(statements: Iterable[Statement]) -> Iterator[Segment]:
    """The statements in runs, in order; statements that do nothing lasting are left out."""
    run: list[Statement] = []
    for statement in statements:
        nature = nature_of(statement)
        if nature is Nature.NOTHING:
            continue
        if nature is Nature.SCHEMA:
            run.append(statement)
            continue
        if run:
            yield Segment(Nature.SCHEMA, tuple(run))
            run = []
        yield Segment(nature, (statement,))
    if run:
        yield Segment(Nature.SCHEMA, tuple(run))


def search_paths(statements: Sequence[Statement], default: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Where each statement looks names up, as far as ``SET search_path`` in the file tells."""
    path, paths = default, []
    for statement in statements:
        paths.append(path)
        tree = statement.tree
        if statement.kind == "VariableSetStmt" and tree.get("name") == "search_path":
            values = [_text(item) for item in tree.get("args", [])]
            path = tuple(value for value in values if value) if values else default
        elif statement.kind == "SelectStmt" and (given := _set_config(statement)) is not None:
            path = given
    return paths


def _text(item: dict[str, object]) -> str:
    constant = item.get("A_Const")
    value = constant.get("sval") if isinstance(constant, dict) else None
    return str(value.get("sval", "")) if isinstance(value, dict) else ""


def _set_config(statement: Statement) -> tuple[str, ...] | None:
    """``SELECT set_config('search_path', …)``, which dumps begin with."""
    for kind, node in walk(statement.tree):
        if kind == "FuncCall" and node["funcname"][-1]["String"]["sval"] == "set_config":
            words = [_text(item) for item in node.get("args", [])[:2]]
            if words and words[0] == "search_path":
                return tuple(part.strip().strip('"') for part in words[1].split(",") if part.strip())
    return None
