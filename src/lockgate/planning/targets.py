"""What a statement can be about: views have no rows, partitions inherit columns, foreign tables have no keys.

The server refuses such a statement when it is run (SQLSTATE 42809, 42P16). A plan says so before anything is written,
and names the table that is meant.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from lockgate.analysis.state.catalog import Catalog
from lockgate.analysis.view import Relation
from lockgate.errors import UsageError
from lockgate.sql.identifiers import QualifiedName
from lockgate.sql.parse import Node, Statement, deparse

_OF_ROWS: Final = {
    "AT_AlterColumnType": "change the type of a column",
    "AT_AddColumn": "add a column",
    "AT_DropColumn": "drop a column",
    "AT_SetNotNull": "require a column",
    "AT_DropNotNull": "let a column be NULL",
    "AT_AddConstraint": "add a constraint",
    "AT_ValidateConstraint": "validate a constraint",
    "AT_AddIdentity": "number a column",
}
"""What is only done to a relation with rows of its own."""

_KEYS: Final = {
    "CONSTR_PRIMARY": "keep a primary key",
    "CONSTR_UNIQUE": "keep a unique constraint",
    "CONSTR_FOREIGN": "keep a foreign key",
    "CONSTR_EXCLUSION": "keep an exclusion constraint",
}
_SHOWN: Final = ("view", "materialized view", "sequence")
_OF_THE_PARENT: Final = ("AT_AlterColumnType", "AT_DropColumn", "rename")
_OF_THE_TYPE: Final = (*_OF_THE_PARENT, "AT_AddColumn")


def require_target(statement: Statement, table: Relation, state: Catalog) -> None:
    """Raise UsageError where the server would refuse a statement for what its relation is."""
    command = _command(statement)
    doing = _doing(statement, command)
    if table.kind in _SHOWN and (wanted := _only_with_rows(statement, table, doing)):
        raise _shown(statement, table, wanted, state)
    if table.kind == "foreign table" and (wanted := _only_at_home(statement, command)):
        raise UsageError(
            f"{table.name} is a foreign table: the server does not {wanted} there",
            why="its rows are on another server, which alone can do that",
            next_steps=["do it there, to the table behind it"],
        )
    if table.partition_key is not None:
        _require_partition_key(statement, command, table)
    if table.persistence == "temporary" and not table.is_new and doing:
        raise UsageError(
            f"{table.name} is a temporary table: a migration has a session of its own and does not see it",
            next_steps=["change the statement that makes it"],
        )
    _require_one_sort_of_logging(command, table, state)
    column = table.column(command.get("name", "") or statement.tree.get("subname", ""))
    inherited = column is not None and (column.inherited or table.is_partition)
    if column is not None and inherited and doing in _OF_THE_PARENT:
        raise _inherited(statement, table, column.name, state)
    if table.kind == "composite type" and doing in _OF_THE_TYPE and command.get("behavior") != "DROP_CASCADE":
        _refuse_in_use(table, state)
    if table.of_type is not None and doing in _OF_THE_TYPE:
        raise UsageError(
            f"{table.name} is a table of the type {table.of_type}: its columns are those of the type",
            next_steps=[f'lockgate plan "ALTER TABLE {table.name.sql} NOT OF"   makes it a table of its own'],
        )


def _require_one_sort_of_logging(command: Node, table: Relation, state: Catalog) -> None:
    """Raise UsageError where a table that survives a crash would refer to one that does not."""
    others: list[QualifiedName] = []
    if command.get("subtype") == "AT_SetUnLogged" and table.persistence == "permanent":
        wanted, others = "permanent", [name for name, _ in state.referencing(table.name)]
    elif command.get("subtype") == "AT_SetLogged" and table.persistence == "unlogged":
        wanted, others = "unlogged", [one.references for one in table.constraints if one.references]
    bound = [str(one) for one in others if one != table.name and state.known(one).persistence == wanted]
    if bound:
        raise UsageError(
            f"{table.name} is tied by a foreign key to {', '.join(bound)}, {'' if len(bound) == 1 else 'all '}{wanted}",
            why="a row that survives a crash must not refer to one that does not",
            next_steps=["drop the foreign key first, or change the other table, too"],
        )


def _require_partition_key(statement: Statement, command: Node, table: Relation) -> None:
    """Raise UsageError for a key of a partitioned table that two partitions could hold twice."""
    assert table.partition_key is not None
    keys = _unique_over(statement, command)
    dividing = [one.column for one in table.partition_key.keys]
    if not keys or all(column in keys for column in dividing):
        return
    if not all(dividing):
        raise UsageError(
            f"{table.name} is divided by an expression: no unique key can span its partitions",
            next_steps=["make the key on each partition, which keeps it unique there only"],
        )
    named = ", ".join(str(column) for column in dividing)
    raise UsageError(
        f"{table.name} is divided by {named}: a unique key has to hold that, too",
        why="each partition has an index of its own, and none looks into the others",
        next_steps=[f"make it over {', '.join(dict.fromkeys([*keys, *map(str, dividing)]))}"],
    )


def _unique_over(statement: Statement, command: Node) -> list[str]:
    """The columns of a unique index, a unique constraint or a primary key that the statement makes."""
    if statement.kind == "IndexStmt" and statement.tree.get("unique"):
        return [str(item["IndexElem"].get("name", "")) for item in statement.tree["indexParams"]]
    constraint = command.get("def", {}).get("Constraint", {})
    if constraint.get("contype") not in ("CONSTR_PRIMARY", "CONSTR_UNIQUE"):
        return []
    return [item["String"]["sval"] for item in constraint.get("keys", ())]


def _refuse_in_use(table: Relation, state: Catalog) -> None:
    columns = [f"{name}.{column}" for name, column in state.type_users(table.name)]
    typed = [str(one.name) for one in state.relations() if one.of_type == table.name]
    if columns or typed:
        raise UsageError(
            f"{table.name} is a type in use: the server changes nothing of it",
            why=f"{', '.join([*columns, *typed])} would have to be written anew",
            next_steps=["make a second type, change the columns to it one by one, then drop the first"],
        )


def _command(statement: Statement) -> Node:
    commands: list[Node] = statement.tree.get("cmds", []) if statement.kind == "AlterTableStmt" else []
    return commands[0]["AlterTableCmd"] if commands else {}


def _doing(statement: Statement, command: Node) -> str:
    if statement.kind == "RenameStmt" and statement.tree.get("renameType") == "OBJECT_COLUMN":
        return "rename"
    return str(command.get("subtype", ""))


def _only_with_rows(statement: Statement, table: Relation, doing: str) -> str | None:
    if statement.kind == "IndexStmt":
        return "build an index" if table.kind != "materialized view" else None
    return _OF_ROWS.get(doing)


def _only_at_home(statement: Statement, command: Node) -> str | None:
    if statement.kind == "IndexStmt":
        return "build an index"
    return _KEYS.get(command.get("def", {}).get("Constraint", {}).get("contype", ""))


def _shown(statement: Statement, table: Relation, wanted: str, state: Catalog) -> UsageError:
    behind = tuple(_behind(table, state))
    name = _command(statement).get("name", "")
    owners = [one for one in behind if state.known(one).column(name) is not None]
    return UsageError(
        f"{table.name} is a {table.kind}: the server does not {wanted} there",
        why=f"it shows what stands in {', '.join(map(str, behind))}" if behind else None,
        next_steps=[_on(statement, one) for one in owners] or [f"change {one}" for one in behind],
    )


def _behind(table: Relation, state: Catalog) -> Iterator[QualifiedName]:
    """The tables that a view reads, directly or over other views."""
    names = list(dict.fromkeys(table.reads))
    for name in names:
        found = state.known(name)
        names += [one for one in found.reads if one not in names]
        if found.kind not in _SHOWN:
            yield name


def _inherited(statement: Statement, table: Relation, column: str, state: Catalog) -> UsageError:
    root = table
    while root.parents:
        root = state.known(root.parents[0])
    return UsageError(
        f"{table.name} inherits {column} from {root.name}: it changes there, for all at once",
        next_steps=[_on(statement, root.name)],
    )


def _on(statement: Statement, name: QualifiedName) -> str:
    relation = {**statement.tree["relation"], "schemaname": name.schema, "relname": name.name}
    sort = "relationType" if statement.kind == "RenameStmt" else "objtype"
    tree: Node = {**statement.tree, "relation": relation, sort: "OBJECT_TABLE"}
    return f'lockgate plan "{deparse({statement.kind: tree})}"'
